"""The toy model of superposition: how many features, where they lie, and whether they turn to the axes of neurons."""
