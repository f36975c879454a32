"""REST operations of our own: what became of long work."""
