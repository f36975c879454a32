"""An order: what a root is to certify, as the file that is carried to the ceremony."""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Self

from apps.core.errors import Invalid
from v2g.pki.profiles import OCSP_RESPONDER, SUB_CAS, Profile

FORMAT: Final = "plugpool-order-1"
OCTETS_AT_MOST: Final = 64_000


RESPONDER: Final = "OCSP"
"""What is ordered of a root that is no CA: a key that answers OCSP for it."""
_PURPOSES: Final = {branch.value: sub1 for branch, (sub1, _) in SUB_CAS.items()} | {
    RESPONDER: OCSP_RESPONDER
}


def profile_of(purpose: str) -> Profile:
    """Return the profile of what is ordered. Raises Invalid."""
    if purpose not in _PURPOSES:
        raise Invalid("no_purpose", "The purpose is CPO, MO, OEM, CPS or OCSP.")
    return _PURPOSES[purpose]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """`purpose` is CPO, MO, OEM or CPS (a Sub1) or OCSP; `csr` is PEM; `root` the root's SHA-256.

    The addresses are where the root's CRL and OCSP answers will be read; they go into the
    certificate.
    """

    name: str
    purpose: str
    csr: str
    root: str
    number: str
    ocsp_url: str
    crl_url: str

    def text(self) -> str:
        """Return it as it is carried."""
        return json.dumps({"format": FORMAT} | asdict(self), indent=1) + "\n"

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Read what `text` wrote. Raises Invalid."""
        try:
            said: dict[str, Any] = json.loads(data[:OCTETS_AT_MOST])
            if said.pop("format") != FORMAT or set(said) != {one.name for one in fields(cls)}:
                raise Invalid("no_order", "This is no order of Plugpool.")
            return cls(**{name: str(value) for name, value in said.items()})
        except (ValueError, KeyError, AttributeError) as error:
            raise Invalid("no_order", "This is no order of Plugpool.") from error
