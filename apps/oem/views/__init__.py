"""A car maker's pages."""
