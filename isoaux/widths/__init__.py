"""Panels by width, in a page: those of a wider and a wider layer, with the number of points beside random bases."""
