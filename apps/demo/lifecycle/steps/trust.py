"""New roots: one person's backend submits them, another person confirms them."""

from apps.demo.lifecycle.backends import require
from apps.demo.lifecycle.own_ca import base64
from apps.demo.lifecycle.steps.lifecycle import ROOTS, Lifecycle


def submit_roots(run: Lifecycle) -> str:
    """OPCP saveRootCa: taken in, but nobody sees it before another person has confirmed."""
    for kind, pki in (("OEM", run.oem_pki), ("MO", run.mo_pki)):
        root = pki.root.certificate
        body = {"rootType": kind, "caCertificate": base64(root.der)}
        run.cast.operator.call("PUT", ROOTS, body)
        require(root.fingerprint.hex() not in run.roots(), "a root is trusted too early")
    return "both wait, nobody sees them yet"


def confirm_roots(run: Lifecycle) -> str:
    """The second pair of eyes types the fingerprint that came over another channel."""
    for pki in (run.oem_pki, run.mo_pki):
        fingerprint = pki.root.certificate.fingerprint.hex()
        run.cast.confirm(fingerprint)
        require(fingerprint in run.roots(), "a confirmed root is not listed")
    return f"the RCP lists {len(run.roots())} roots"
