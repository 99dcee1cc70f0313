"""Appendix C.3: what perturbations of images do to reconstructions."""
