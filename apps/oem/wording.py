"""What a dry run says to people: its checks, its results, and how to repair what failed."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.web.display import Badge, Tone
from apps.oem.models import UploadRow

Text = str | Promise
Result = UploadRow.Result

CHECKS: Final[dict[str, Text]] = {
    "owner": _("PCID"),
    "chain": _("Chain"),
    "validity": _("Validity"),
    "status": _("Revocation"),
    "pool": _("Pool"),
}
OUTCOMES: Final[dict[str, tuple[Text, Tone, str]]] = {
    "passed": (_("passed"), "success", "check"),
    "failed": (_("failed"), "danger", "close"),
    "open": (_("asked at the import"), "info", "schedule"),
}
RESULTS: Final[dict[str, tuple[Text, Tone]]] = {
    Result.NEW: (_("New vehicle"), "success"),
    Result.RENEWS: (_("Renews"), "success"),
    Result.REKEYS: (_("New key"), "warning"),
    Result.SAME: (_("Already in the pool"), "default"),
    Result.FAILED: (_("Cannot be imported"), "danger"),
}
COUNTED: Final[dict[str, Text]] = {
    Result.NEW: _("%(count)s new"),
    Result.RENEWS: _("%(count)s renewed"),
    Result.REKEYS: _("%(count)s with a new key"),
    Result.SAME: _("%(count)s already in the pool"),
    Result.FAILED: _("%(count)s cannot be imported"),
}
EFFECTS: Final[dict[str, Text]] = {
    Result.NEW: _("The vehicle enters the pool."),
    Result.RENEWS: _("The certificate takes the place of the present one. Contracts stay."),
    Result.REKEYS: _("The vehicle has a new key: its contracts end and must be concluded anew."),
    Result.SAME: _("Nothing changes."),
}
REPAIRS: Final[dict[str, Text]] = {
    "unreadable": _("Export it again as PEM or DER, or leave it out."),
    "pcid": _("Its common name must be the PCID. Have the certificate issued again."),
    "foreign_wmi": _("Ask the operator to assign this WMI to you, or leave the vehicle out."),
    "foreign_owner": _("Ask the operator who published it, or leave the vehicle out."),
    "pcid_twice": _("Upload only the certificate that the vehicle carries now."),
    "other_vehicle": _("Upload the certificate of that vehicle, or start without a vehicle."),
    "sub_ca_missing": _("Add the sub-CA certificates to the files and upload again."),
    "issuer_missing": _("Add the missing sub-CA certificate to the files and upload again."),
    "unknown_root": _("Ask the operator to take your root in, then upload again."),
    "expired": _("Have a new certificate issued and upload that one."),
    "not_yet_valid": _("Upload it again once it is valid."),
    "revoked": _("Have a new certificate issued and upload that one."),
    "signature_invalid": _(
        "Upload the sub-CA certificate that really issued it. If it is the right one, ask the "
        "operator whether your root is the one in the pool."
    ),
}
REISSUE: Final = _("Have the certificate issued again by the profile of ISO 15118.")


def result_badge(result: str) -> Badge:
    """Say in a word what the import would do."""
    return Badge(*RESULTS[result])


def repair(code: str) -> Text:
    """Say what to do about a failed row."""
    return REPAIRS.get(code, REISSUE) if code else ""
