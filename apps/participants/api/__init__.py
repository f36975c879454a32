"""REST operations of OPCP."""
