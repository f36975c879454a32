"""Bodies of addOEMProvCert as a backend sends them."""

import base64
from typing import Any

from apps.provisioning_pool.checks import Chain


def text(der: bytes) -> str:
    return base64.b64encode(der).decode()


def publication(chain: Chain, **more: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "subCA1Certificate": text(chain.sub1),
        "vehicleCertificate": text(chain.vehicle),
        "xsdMsgDefNamespace": "urn:iso:15118:2:2013:MsgDef",
    }
    if chain.sub2 is not None:
        body["subCA2Certificate"] = text(chain.sub2)
    return body | more
