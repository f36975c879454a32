"""The demo ecosystem: made-up parties whose data comes from the real services."""
