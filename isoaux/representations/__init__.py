"""What representations are made of: rendered images of qualities, parts that add up, directions, and their numbers."""
