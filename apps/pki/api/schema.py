"""Description of EST (RFC 7030, OPCP est.v1), one of the forms that its URLs may have."""

from typing import Any, Final

from apps.core.api.shapes import ref, text
from apps.participants.api.description import Described, in_path
from apps.participants.rights import Operation

_TAG: Final = "EST"
_LABEL: Final = in_path("ca", text(enum=["cpo", "mo", "oem", "cps", "veh"]), "oem")
_VERSION: Final = in_path("iso_version", text(enum=["ISO15118-2", "ISO15118-20"]), "ISO15118-2")
_LINE: Final = text("One line that says what is wrong")
_ENROL: Final = (
    Operation.EST_ENROLL_OEM,
    Operation.EST_ENROLL_VEHICLE,
    Operation.EST_ENROLL_MO,
    Operation.EST_ENROLL_CPO,
    Operation.EST_ENROLL_CPS,
)
_SHARED: Final[dict[str, Any]] = {
    "tag": _TAG,
    "parameters": (_LABEL, _VERSION),
    "error_shape": _LINE,
    "error_type": "text/plain",
    "errors": (400, 401, 403, 404),
    "more_errors": {404: ref("Error")},  # no such label: EST is not reached at all
    "auth": ({"oauth2": []}, {"basic": []}),
}
_CERTIFICATES: Final = "application/pkcs7-mime"
_BELOW: Final = "/.well-known/est/{ca}"

COMPONENTS: Final[dict[str, Any]] = {}

OPERATIONS: Final = (
    *(
        Described(
            method="POST",
            path=f"{_BELOW}/{name}/{{iso_version}}",
            name=name,
            summary=summary,
            details=(
                "PKCS #10 as DER, base64 or PEM. Key and common name are taken from it, all else"
                " from the profile; the common name must be an id of the organisation. Label cps:"
                " the name is fixed, and 202 with Retry-After until the operator has decided."
            ),
            rights=_ENROL,
            body=text("PKCS #10"),
            body_types=("application/pkcs10",),
            answers={200: text("PKCS #7 in base64 with the certificate alone")},
            answer_types=(_CERTIFICATES,),
            **{**_SHARED, "errors": (202, *_SHARED["errors"])},
        )
        for name, summary in (
            ("simpleenroll", "Enrol a leaf certificate of the V2G PKI"),
            ("simplereenroll", "Renew a certificate that the organisation has"),
        )
    ),
    Described(
        method="GET",
        path=f"{_BELOW}/cacerts/{{iso_version}}",
        name="cacerts",
        summary="Read the sub-CAs and the root: Sub2, Sub1, root",
        rights=(Operation.EST_CA_CERTIFICATES,),
        answers={200: text("PKCS #7 in base64")},
        answer_types=(_CERTIFICATES,),
        **_SHARED,
    ),
    Described(
        method="GET",
        path=f"{_BELOW}/csrattrs/{{iso_version}}",
        name="csrattrs",
        summary="Read which key and hash a request needs",
        rights=(Operation.EST_CA_CERTIFICATES,),
        answers={200: text("DER in base64")},
        answer_types=("application/csrattrs",),
        **_SHARED,
    ),
)
