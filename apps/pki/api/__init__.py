"""Where anybody asks for the status of our certificates."""
