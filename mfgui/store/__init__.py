"""What outlives the program: models, exports."""
