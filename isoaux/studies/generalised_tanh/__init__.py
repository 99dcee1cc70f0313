"""Generalised tanh and the bases that it is made of: the function, its identities, and how good the bases are."""
