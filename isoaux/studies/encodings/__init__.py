"""Two numbers in one, and features as directions: identities of the primer on representations, computed at once."""
