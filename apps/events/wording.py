"""Events in words."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.events.models import TEST_KIND, EventKind

Text = str | Promise

KINDS: Final[Mapping[str, Text]] = {
    EventKind.ROOT_ADDED: _("A root is trusted from now on."),
    EventKind.ROOT_EXPIRED: _("A root has expired."),
    EventKind.ROOT_REVOKED: _("A root is not trusted any more."),
    EventKind.MO_PROV_CERT_DELETED: _("A vehicle with a contract of yours left the pool."),
    EventKind.MO_PROV_CERT_UPDATED: _("A vehicle with a contract of yours has a new key."),
    EventKind.MO_PROV_CERT_FACTORY_RESET: _("A vehicle with a contract of yours was reset."),
    EventKind.MO_CONTRACT_CREATED_SENT: _("The car maker was told of a new contract."),
    EventKind.MO_CONTRACT_UPDATED_SENT: _("The car maker was told of renewed contract data."),
    EventKind.MO_CONTRACT_DELETED_SENT: _("The car maker was told of the end of a contract."),
    EventKind.MO_CONTRACT_DELIVERED: _("The contract data was fetched for the vehicle."),
    EventKind.MO_CONTRACT_REJECTED: _("The car maker refused a contract."),
    EventKind.MO_CONTRACT_QUEUED: _("The car maker was not reached; it is tried again."),
    EventKind.OEM_CONTRACT_CREATED: _("There is a contract for a vehicle of yours."),
    EventKind.OEM_CONTRACT_UPDATED: _("The contract data of a vehicle of yours was renewed."),
    EventKind.OEM_CONTRACT_DELETED: _("A contract of a vehicle of yours has ended."),
    EventKind.MO_CONTRACT_RENEWAL_DUE: _("New contract data of your own CA is needed."),
    EventKind.CERTIFICATE_EXPIRING: _("A certificate ends in 90, 30 or 7 days."),
    TEST_KIND: _("A test that you asked for."),
}
