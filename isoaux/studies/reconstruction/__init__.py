"""Appendix D: reconstruction errors through training."""
