"""Appendices C.2 and C.2.1: their equations, on random layers and in small autoencoders."""
