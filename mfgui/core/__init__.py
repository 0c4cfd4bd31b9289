"""Arrays in, arrays out: ratings, models, solvers."""
