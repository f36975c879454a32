"""Makers of test objects."""
