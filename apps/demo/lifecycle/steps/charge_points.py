"""Certificates of charge points over EST."""

from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import ec

from apps.demo.lifecycle import est
from apps.demo.lifecycle.backends import require
from apps.demo.lifecycle.steps.lifecycle import Lifecycle
from v2g.pki.anchors import Anchor, Anchors, RootKind
from v2g.pki.certificate import Certificate
from v2g.pki.chains import check_chain
from v2g.pki.profiles import SECC_LEAF
from v2g.protocol import IsoVersion

LABEL = "cpo"


def enrol(run: Lifecycle) -> str:
    """RFC 7030 simpleenroll and cacerts; the chain is checked as a vehicle would in TLS."""
    issued = _enrol(run, "simpleenroll")
    return f"{issued.common_name}, to {issued.not_after:%Y-%m-%d}"


def re_enrol(run: Lifecycle) -> str:
    """RFC 7030 simplereenroll, with a new key."""
    issued = _enrol(run, "simplereenroll")
    return f"a new one, serial {issued.serial:040x}"[:28] + "..."


def _enrol(run: Lifecycle, operation: str) -> Certificate:
    cpo, code = run.cast.cpo, run.cast.operator_id
    name = f"{code[:2]}*{code[2:]}*E{run.mark[:8]}"
    key = ec.generate_private_key(IsoVersion.ISO_2.curve)
    issued = est.enrol(cpo, operation, label=LABEL, key=key, name=name)
    *above, root = est.authorities(cpo, label=LABEL)
    require(root in run.v2g_roots(), "cacerts ends in a root that is not in the RCP")
    check_chain(
        issued,
        above,
        Anchors([Anchor(root, RootKind.V2G)]),
        profile=SECC_LEAF,
        version=IsoVersion.ISO_2,
        at=datetime.now(UTC),
    )
    return issued
