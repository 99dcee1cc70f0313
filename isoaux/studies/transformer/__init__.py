"""A sentence transformer that others trained: where in it the neurons are special, and by what."""
