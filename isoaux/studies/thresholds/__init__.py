"""One set of representations at several thresholds epsilon and in both variants of the projection."""
