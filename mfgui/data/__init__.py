"""Files to ratings."""
