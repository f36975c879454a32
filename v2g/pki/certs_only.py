"""The certs-only CMS message of EST (RFC 7030 4.1.3, RFC 5652 5.1): certificates and no signature.

DER would sort the certificates. Clients of the field take the first as the leaf and the last as
the root, so the set is written in the order given.
"""

from collections.abc import Sequence

from asn1crypto import cms

from v2g.pki.certificate import Certificate


def certs_only(certificates: Sequence[Certificate]) -> bytes:
    """Make the ContentInfo that carries the certificates in this order."""
    kept = cms.CertificateSet(contents=b"".join(certificate.der for certificate in certificates))
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [],
            "encap_content_info": {"content_type": "data"},
            "certificates": kept,
            "signer_infos": [],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump())
