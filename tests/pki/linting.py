"""pkilint as a second opinion on what we sign: RFC 5280 and RFC 6960, in this process.

Every finding of severity NOTICE or worse is returned; the tests say which ones ISO 15118 asks for.
"""

from typing import Any, Final

from pkilint import loader, pkix
from pkilint.pkix import certificate, crl, extension, name, ocsp
from pkilint.validation import ValidationFindingSeverity


def _decoders() -> list[Any]:
    return [
        pkix.create_attribute_decoder(name.ATTRIBUTE_TYPE_MAPPINGS),
        pkix.create_extension_decoder(extension.EXTENSION_MAPPINGS),
    ]


_CERTIFICATE: Final = certificate.create_pkix_certificate_validator_container(
    certificate.create_decoding_validators(
        name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS
    ),
    [
        certificate.create_issuer_validator_container([]),
        certificate.create_validity_validator_container(),
        certificate.create_subject_validator_container([]),
        certificate.create_extensions_validator_container([]),
        certificate.create_spki_validator_container([]),
    ],
)
_CRL: Final = crl.create_pkix_crl_validator_container(
    _decoders(),
    [
        crl.create_issuer_validator_container([]),
        crl.create_validity_validator_container([]),
        crl.create_extensions_validator_container([]),
    ],
)
_OCSP: Final = ocsp.create_pkix_ocsp_response_validator_container(
    [ocsp.create_response_decoder(), *_decoders()], []
)


def of_certificate(der: bytes) -> set[str]:
    """Return the codes of all findings about a certificate."""
    return _codes(_CERTIFICATE, loader.load_der_certificate(der))


def of_crl(der: bytes) -> set[str]:
    """Return the codes of all findings about a CRL."""
    return _codes(_CRL, loader.load_der_crl(der))


def of_answer(der: bytes) -> set[str]:
    """Return the codes of all findings about an OCSP response and the certificates in it."""
    return _codes(_OCSP, loader.load_der_ocsp_response(der))


def _codes(linter: Any, document: Any) -> set[str]:
    return {
        found.finding.code
        for result in linter.validate(document.root)
        for found in result.finding_descriptions
        if found.finding.severity <= ValidationFindingSeverity.NOTICE
    }
