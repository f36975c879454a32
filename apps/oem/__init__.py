"""A car maker's pages and workflows: uploads, vehicles, trust store."""
