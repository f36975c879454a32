"""Trust anchors: the roots that paths may end in, each with what it is a root of."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from v2g.pki.certificate import Certificate


class RootKind(Enum):
    """The kinds of the root certificate pool; PE is the private environment of a station."""

    V2G = "V2G"
    OEM = "OEM"
    MO = "MO"
    PE = "PE"


@dataclass(frozen=True, slots=True)
class Anchor:
    """One trusted root."""

    certificate: Certificate
    kind: RootKind

    @property
    def label(self) -> str:
        """Its name in texts for people."""
        return f"{self.kind.value} root"


class Anchors:
    """A collection of anchors that does not change, found by the octets of their subject."""

    def __init__(self, anchors: Iterable[Anchor] = ()) -> None:
        by_subject: dict[bytes, list[Anchor]] = {}
        for anchor in anchors:
            by_subject.setdefault(anchor.certificate.subject.der, []).append(anchor)
        self._by_subject = {subject: tuple(found) for subject, found in by_subject.items()}
        self._fingerprints = frozenset(
            anchor.certificate.fingerprint for found in by_subject.values() for anchor in found
        )

    def named(self, subject_der: bytes) -> tuple[Anchor, ...]:
        """All anchors of this subject: a root may be renewed under its name, with another key."""
        return self._by_subject.get(subject_der, ())

    def __contains__(self, certificate: Certificate) -> bool:
        return certificate.fingerprint in self._fingerprints

    def __len__(self) -> int:
        return len(self._fingerprints)
