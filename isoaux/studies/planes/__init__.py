"""Section 4 and Appendix B: where representations lie beside the planes of a basis, through training."""
