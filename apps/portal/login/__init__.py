"""Logging in: password, second factor, OpenID provider, and a person's own account.

django-allauth does the work; here are its rules for this portal, the pages, and which of its
addresses exist at all.
"""
