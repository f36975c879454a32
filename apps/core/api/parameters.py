"""Reading the query string of a request."""

from collections.abc import Mapping

from apps.core.errors import Invalid


def number(parameters: Mapping[str, str], name: str, *, default: int, most: int) -> int:
    """Read a whole number from 0 to `most`, at most six digits; Invalid names the parameter."""
    text = parameters.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > 6 or int(text) > most:
        raise Invalid(name, f"{name} : must be a number from 0 to {most}")
    return int(text)
