"""What every page of the portal stands on: the scoped list and detail page, its parts, the menu.

The look comes from templates/portal; nothing here knows a model of another app.
"""
