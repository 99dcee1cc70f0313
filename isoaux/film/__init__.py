"""A panel at any threshold, in a page: the same representations, drawn again for every threshold by the browser."""
