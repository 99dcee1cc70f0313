"""Whether the tests keep what they promise: a page of our own."""
