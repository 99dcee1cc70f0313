"""What the pages of Appendices C.2 and C.2.1 compute when they are run; all of it needs torch."""
