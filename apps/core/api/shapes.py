"""JSON Schemas of what OPCP bodies are made of; the OpenAPI document is written with them."""

from collections.abc import Mapping
from typing import Any, Final

Shape = dict[str, Any]

PCID_RULE: Final = "^[a-zA-Z0-9]{17,18}$"
EMAID_RULE: Final = r"^[A-Za-z]{2}[-*]?[A-Za-z0-9]{3}[-*]?[A-Za-z0-9]{9}[-*]?[A-Za-z0-9]?$"
BASE64_RULE: Final = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
FINGERPRINT_RULE: Final = "^[0-9a-f]{64}$"
ISO_2_NAMESPACE: Final = "urn:iso:15118:2:2013:MsgDef"
ISO_20_NAMESPACE: Final = "urn:iso:15118:20:2022:MsgDef"


def ref(name: str) -> Shape:
    """Point to a component of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def text(description: str = "", **more: Any) -> Shape:
    """A string; `more` are further keywords of JSON Schema."""
    return {"type": "string", **({"description": description} if description else {}), **more}


def listed(items: Shape, **more: Any) -> Shape:
    """An array."""
    return {"type": "array", "items": items, **more}


def record(
    required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None, **more: Any
) -> Shape:
    """An object; fields that are not named may be there as well."""
    shape: Shape = {"type": "object", "properties": {**required, **(optional or {})}, **more}
    if required:
        shape["required"] = list(required)
    return shape


def base64_text(description: str) -> Shape:
    return text(description, pattern=BASE64_RULE, minLength=1)


def nullable(shape: Shape) -> Shape:
    """The same, or null."""
    return {**shape, "nullable": True}


PCID: Final = text("PCID of the vehicle", pattern=PCID_RULE)
EMAID: Final = text("EMAID of the contract, separators optional", pattern=EMAID_RULE)
INSTANT: Final = text("UTC, whole seconds", format="date-time")
FINGERPRINT: Final = text("SHA-256 of the certificate in lower-case hex", pattern=FINGERPRINT_RULE)
ROOT_CHOICE: Final = text("SHA-256 of a V2G root in hex, with or without colons, or its id in RCP")
NAMESPACE: Final = text("Message definition of ISO 15118", enum=[ISO_2_NAMESPACE, ISO_20_NAMESPACE])
NAMESPACE_ISO_2: Final = text("ISO 15118-2, so far", enum=[ISO_2_NAMESPACE])
NOTHING: Final = record({}, maxProperties=0)

COMPONENTS: Final[Mapping[str, Shape]] = {
    "Error": record(
        {
            "errorMessages": listed(text(minLength=1), minItems=1, uniqueItems=True),
            "traceId": text("To be named to the operator; it is also in our logs", format="uuid"),
        },
        example={
            "errorMessages": ['pcid : must match "^[a-zA-Z0-9]{17,18}$"'],
            "traceId": "3f0b9a52-7c1e-4d61-9a55-6d8d5f0a4c11",
        },
    ),
    "Nothing": NOTHING,
}
