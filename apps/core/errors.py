"""The one kind of error that services raise. Each surface maps it once (REST, token, form)."""


class DomainError(Exception):
    """Something the caller asked for cannot be done.

    `code` is stable and machine-readable (it also goes into the audit); `message` tells a person
    what to mend and never carries a secret; where OPCP has a text for the case, it is that text.
    """

    status = 400

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Invalid(DomainError):
    """The input is malformed or fails a check (HTTP 400)."""


class Unauthenticated(DomainError):
    """Nobody knows who calls, or the credentials do not hold (HTTP 401)."""

    status = 401


class Forbidden(DomainError):
    """The caller is known but may not do this to this object (HTTP 403)."""

    status = 403


class NotFound(DomainError):
    """There is no such object, as far as the caller may know (HTTP 404)."""

    status = 404


class Conflict(DomainError):
    """The object's state does not allow it, or another writer won (HTTP 409)."""

    status = 409


class TooMany(DomainError):
    """A rate limit (HTTP 429)."""

    status = 429


class TooLarge(DomainError):
    """The input is larger than we read (HTTP 413)."""

    status = 413


class UnsupportedMedia(DomainError):
    """The input is of a media type that we do not read (HTTP 415)."""

    status = 415


class Unavailable(DomainError):
    """Something we depend on did not answer; trying again later may help (HTTP 503)."""

    status = 503
