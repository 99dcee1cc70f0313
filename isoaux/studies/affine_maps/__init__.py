"""Appendix C.2.1: its maps in trained autoencoders, errors and representations."""
