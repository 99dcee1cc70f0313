"""What is measured of trained networks, published as files, and read back."""
