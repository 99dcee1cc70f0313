"""Appendix A: what panels show where no direction is special."""
