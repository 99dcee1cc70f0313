"""Polytopes of classifiers: boundaries between classes, clusters of codes, directions, rays, slices and gates."""
