"""OPCP's JSON answers."""

import base64
from collections.abc import Sequence
from typing import Any

from apps.contract_pool.api.answers import instant
from apps.provisioning_service.models import Signer
from apps.provisioning_service.selectors import SignerView
from apps.provisioning_service.services import Signed
from v2g.ids import Pcid
from v2g.pki.certificate import Certificate


def signers(found: Sequence[SignerView]) -> dict[str, Any]:
    """GetAllCpsSignerResponse, with the sub-CAs in both spellings that clients know."""
    return {"cpsCertificates": [_signer(one.row, one.root.certificate) for one in found]}


def signed(made: Signed, *, pcid: Pcid | None = None) -> dict[str, Any]:
    """SignedContractDataResponse; a PCID that was given but not used is echoed."""
    return {
        "pcid": made.pcid or (str(pcid) if pcid else None),
        "emaid": made.emaid,
        "xsdMsgDefNamespace": made.version.namespace,
        "signedData": base64.b64encode(made.xml).decode(),
        "cpsV2GRootCertificateFingerprint": made.root.fingerprint.hex(),
        "cpsRootDistinguishedName": made.root.subject.text,
        "metaData": made.meta_data,
    }


def _signer(row: Signer, root: Certificate) -> dict[str, Any]:
    leaf = Certificate.from_der(bytes(row.der))
    answer = {
        "cpsDistinguishedName": leaf.subject.text,
        "cpsCertificate": _text(leaf.der),
        "validFrom": instant(row.not_before),
        "validTo": instant(row.not_after),
        "organizationName": _organization(leaf, root),
        "cpsRootCertificateId": str(row.root.uuid),
        "cpsRootDistinguishedName": root.subject.text,
        "cpsV2GRootCertificateFingerprint": root.fingerprint.hex(),
        "cpsSubCa1Certificate": _text(bytes(row.sub_ca1.der)),
        "cpsCa1Certificate": _text(bytes(row.sub_ca1.der)),
        "xsdMsgDefNamespace": row.namespace,
    }
    if row.sub_ca2 is not None:
        answer |= dict.fromkeys(
            ("cpsSubCa2Certificate", "cpsCa2Certificate"), _text(bytes(row.sub_ca2.der))
        )
    return answer


def _organization(leaf: Certificate, root: Certificate) -> str:
    """OPCP needs a name here; ours stands in the root where the leaf names no organisation."""
    named = [*leaf.subject.values("O"), *root.subject.values("O")]
    return named[0] if named else leaf.common_name


def _text(der: bytes) -> str:
    return base64.b64encode(der).decode()
