"""Appendix E: the autoencoders layer by layer."""
