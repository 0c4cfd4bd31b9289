"""What a person looks at, as arrays."""
