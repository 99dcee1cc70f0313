"""What a representation is made of: pairs of qualities that were not seen together, mixtures, directions, offsets."""
