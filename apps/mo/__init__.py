"""A mobility operator's pages and workflows: concluding, renewing and ending contracts."""
