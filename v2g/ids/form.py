"""The one check that all identifiers share: a text against the pattern of its canonical form."""

import re

from v2g.errors import IdError


def require_form(pattern: re.Pattern[str], value: object, message: str) -> re.Match[str]:
    """Match the whole of `value`; IdError with `message` where it is no text or has another form.

    The patterns name ASCII ranges only: `\\w` would admit the underscore and letters of other
    scripts.
    """
    match = pattern.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise IdError(message)
    return match
