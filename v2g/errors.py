"""Everything that v2g refuses, as one family of errors with a message a person can act on.

No message ever holds key material. The kinds follow the parts of the package; callers that only
need to know "ISO 15118 data was refused" catch `V2GError`.
"""

from typing import Self


class V2GError(Exception):
    """Data of ISO 15118 that was refused; the text says what and where."""


class IdError(V2GError):
    """An identifier (EMAID, PCID, EVSEID, ...) that does not have its form."""


class ExiError(V2GError):
    """An EXI stream, or a value for one, that the grammars of the schema do not allow.

    `bit` is the offset in the stream where reading stopped, `path` the elements around it,
    outermost first; both are filled in on the way out.
    """

    def __init__(self, what: str, *, bit: int | None = None) -> None:
        """Say what is wrong, and at which bit of the input."""
        super().__init__(what)
        self.what = what
        self.bit = bit
        self.path: tuple[str, ...] = ()

    def inside(self, name: str) -> Self:
        """The same error, seen from the element around it."""
        self.path = (name, *self.path)
        return self

    def __str__(self) -> str:
        """Where and what, in one line."""
        where = f"{'/'.join(self.path)}: " if self.path else ""
        return where + self.what + (f" (bit {self.bit})" if self.bit is not None else "")


class XmlError(V2GError):
    """An XML text that is not well-formed, not of the schema, or beyond the bounds."""


class SignatureError(V2GError):
    """An XML signature that does not count for the elements it should cover."""


class EnvelopeError(V2GError):
    """A contract private key that could not be encrypted for, or opened by, its vehicle."""


class CertificateError(V2GError):
    """A certificate, request or bundle that could not be read or breaks its profile."""


class PrivateKeyError(CertificateError):
    """A file that holds a private key, which nobody here ever needs."""


class PasswordError(CertificateError):
    """A file that its password does not open, or that came without one."""


class ChainError(V2GError):
    """A certificate path that does not reach an anchor, or does so outside the rules.

    `code` is stable and for programs; `certificate` names the failing one ("OEM Sub2"), empty
    where the path as a whole fails.
    """

    def __init__(self, code: str, message: str, *, certificate: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.certificate = certificate


class StatusError(V2GError):
    """A CRL, OCSP request or OCSP response that cannot be read or does not count."""
