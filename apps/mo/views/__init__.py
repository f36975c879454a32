"""Pages of the MO's staff."""
