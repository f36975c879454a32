"""REST operations of OPCP webhooks.v1, and three of our own."""
