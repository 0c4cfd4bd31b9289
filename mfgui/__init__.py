"""See what matrix factorization learns from your ratings."""

__version__ = "0.1.0"
