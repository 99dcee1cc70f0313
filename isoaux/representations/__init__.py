"""What a representation can be: how qualities are encoded in vectors, and how many of them fit."""
