"""When structure appears: a page of our own, read from the network records."""
