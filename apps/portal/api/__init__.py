"""The description of the machine API, as a document and as a page."""
