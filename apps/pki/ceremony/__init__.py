"""What is done with a root's key on a machine without a network; no database takes part."""
