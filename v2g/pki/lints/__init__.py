"""The rules of the profiles, one module each, named after the violation."""

from typing import Final

from v2g.pki.certificate import Certificate
from v2g.pki.lints import (
    ca_lacks_ca_true,
    constraints_not_critical,
    curve_not_of_version,
    der_over_800_bytes,
    domain_component_not_of_profile,
    extended_key_usage_not_of_profile,
    hash_not_of_version,
    key_identifiers_missing,
    key_usage_not_of_profile,
    leaf_has_ca_true,
    missing_status_url,
    name_not_of_profile,
    ocsp_no_check_not_of_profile,
    path_length_not_of_profile,
    serial_not_random,
    unknown_critical_extension,
    validity_over_profile,
)
from v2g.pki.lints.rule import Finding, Rule
from v2g.pki.profiles import Profile
from v2g.protocol import IsoVersion

__all__ = ["RULES", "Finding", "lint"]

RULES: Final[dict[str, Rule]] = {
    module.__name__.rpartition(".")[2]: module.check
    for module in (
        ca_lacks_ca_true,
        constraints_not_critical,
        curve_not_of_version,
        der_over_800_bytes,
        domain_component_not_of_profile,
        extended_key_usage_not_of_profile,
        hash_not_of_version,
        key_identifiers_missing,
        key_usage_not_of_profile,
        leaf_has_ca_true,
        missing_status_url,
        name_not_of_profile,
        ocsp_no_check_not_of_profile,
        path_length_not_of_profile,
        serial_not_random,
        unknown_critical_extension,
        validity_over_profile,
    )
}


def lint(certificate: Certificate, profile: Profile, version: IsoVersion) -> list[Finding]:
    """Give every violation of the profile; an empty list where there is none."""
    messages = ((code, check(certificate, profile, version)) for code, check in RULES.items())
    return [Finding(code, message) for code, message in messages if message]
