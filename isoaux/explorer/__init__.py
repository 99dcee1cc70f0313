"""The explorer: representations, threshold and basis in the reader's hands."""
