"""The live slice of a page: the exact partition of a plane through a network's space, computed in the browser."""
