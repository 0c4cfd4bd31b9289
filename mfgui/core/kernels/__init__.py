"""All compiled loops."""

# Whole, before the first of them: two threads that begin to import numba at different ends of it
# were seen to get half a module each.
import numba  # noqa: F401
