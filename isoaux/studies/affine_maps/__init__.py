"""affine_maps."""
