"""What the guide computes when it is run; it needs torch and scikit-learn."""
