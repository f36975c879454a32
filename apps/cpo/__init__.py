"""A charge point operator's pages and workflows: its certificates, installations, messages."""
