"""What all figures share: their look, densities as panels, and axes."""
