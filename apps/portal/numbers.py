"""The four numbers of each role, and what needs somebody's action."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.contract_pool import visibility as contracts
from apps.contract_pool.models import Contract, Delivery
from apps.core.actor import Actor, Role
from apps.core.web.display import SOON, Tone
from apps.core.web.paging import card_count, card_text
from apps.cpo import stations
from apps.participants import selectors as participants
from apps.pki import selectors as pki
from apps.pki.models import EnrolmentRequest, IssuedCertificate
from apps.portal import endings
from apps.provisioning_pool import selectors as vehicles
from apps.provisioning_service import visibility as signers
from apps.root_pool import selectors as roots
from apps.root_pool.models import CleansingDecision, RootCertificate

Text = str | Promise
SHOWN = 4
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """A number with a label, a short note and the list behind it. `tone` only when not neutral."""

    label: Text
    value: str
    note: Text
    href: str
    tone: Tone | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something that waits for a person, and where."""

    text: Text
    href: str
    tone: Tone = "warning"


def kpis_for(viewer: Actor) -> list[Kpi]:
    """Return four numbers for the viewer's roles, the most telling first, none twice."""
    makers = [maker for role in _KPIS if role in viewer.roles for maker in _KPIS[role]]
    return [maker(viewer) for maker in dict.fromkeys(makers)][:SHOWN]


def alerts_for(viewer: Actor) -> list[Alert]:
    """Return what needs action now."""
    found = _ending_stations(viewer) if viewer.has(Role.CPO) else []
    if viewer.has(Role.OPERATOR):
        found += [
            *_waiting_roots(viewer),
            *_waiting_removals(viewer),
            *_waiting_requests(viewer),
            *_waiting_decisions(viewer),
        ]
    return found + [Alert(text=text, href=href) for text, href in endings.waiting(viewer)]


def _ending_stations(viewer: Actor) -> list[Alert]:
    return _alerts(
        stations.ending(viewer),
        lambda count: ngettext(
            "%(count)s charge point certificate ends within 60 days. Renew it now.",
            "%(count)s charge point certificates end within 60 days. Renew them now.",
            count,
        ),
        reverse("admin:cpo_stations"),
    )


def _waiting_roots(viewer: Actor) -> list[Alert]:
    state = RootCertificate.State.SUBMITTED
    return _alerts(
        roots.visible(viewer).filter(state=state),
        lambda count: ngettext(
            "%(count)s root waits for the second person.",
            "%(count)s roots wait for the second person.",
            count,
        ),
        _listed(_ROOTS, f"?state={state.value}"),
    )


def _waiting_removals(viewer: Actor) -> list[Alert]:
    state = RootCertificate.State.REMOVAL_ASKED
    return _alerts(
        roots.visible(viewer).filter(state=state),
        lambda count: ngettext(
            "The removal of %(count)s root waits for the second person.",
            "The removal of %(count)s roots waits for the second person.",
            count,
        ),
        _listed(_ROOTS, f"?state={state.value}"),
    )


def _waiting_requests(viewer: Actor) -> list[Alert]:
    state = EnrolmentRequest.State.PENDING
    return _alerts(
        pki.requests(viewer).filter(state=state),
        lambda count: ngettext(
            "%(count)s certificate request waits for a decision.",
            "%(count)s certificate requests wait for a decision.",
            count,
        ),
        _listed("pki_enrolmentrequest", f"?state={state.value}"),
    )


def _waiting_decisions(viewer: Actor) -> list[Alert]:
    state = CleansingDecision.State.WAITING
    return _alerts(
        roots.cleansing_decisions(viewer).filter(state=state, closed_at=None),
        lambda count: ngettext(
            "%(count)s CA counts no more and much hangs on it. Decide whether that leaves.",
            "%(count)s CAs count no more and much hangs on them. Decide whether that leaves.",
            count,
        ),
        _listed("root_pool_cleansingdecision", f"?state={state.value}"),
    )


def _alerts(rows: Any, said: Callable[[int], str], href: str) -> list[Alert]:
    """Say how many rows wait, where any does."""
    count = card_count(rows)
    return [Alert(text=said(count) % {"count": card_text(count)}, href=href)] if count else []


def _listed(model: str, query: str) -> str:
    return reverse(f"admin:{model}_changelist") + query


def _kpi(
    label: Text, note: Text, rows: Any, address: str, query: str = "", tone: Tone | None = None
) -> Kpi:
    value = card_text(card_count(rows))
    tone = tone if value != "0" else None
    return Kpi(label=label, value=value, note=note, href=_listed(address, query), tone=tone)


_VEHICLES = "provisioning_pool_provisioningcertificate"
_CONTRACTS = "contract_pool_contract"
_DELIVERIES = "contract_pool_delivery"
_ISSUED = "pki_issuedcertificate"
_ROOTS = "root_pool_rootcertificate"


def _vehicles(viewer: Actor) -> Kpi:
    rows = vehicles.visible(viewer)
    return _kpi(_("Vehicles"), _("with a provisioning certificate"), rows, _VEHICLES)


def _vehicles_ending(viewer: Actor) -> Kpi:
    now = timezone.now()
    rows = vehicles.visible(viewer).filter(not_after__gte=now, not_after__lt=now + SOON)
    label, note = _("End within 60 days"), _("certificates to renew")
    return _kpi(label, note, rows, _VEHICLES, "?ends=soon", "warning")


def _vehicles_expired(viewer: Actor) -> Kpi:
    rows = vehicles.visible(viewer).filter(not_after__lt=timezone.now())
    return _kpi(_("Expired"), _("no longer accepted"), rows, _VEHICLES, "?ends=expired", "danger")


def _contracts(viewer: Actor) -> Kpi:
    rows = contracts.visible(viewer).filter(state=Contract.State.RUNNING)
    label, note = _("Running contracts"), _("vehicles can charge")
    return _kpi(label, note, rows, _CONTRACTS, "?state=running")


def _contracts_ending(viewer: Actor) -> Kpi:
    now = timezone.now()
    rows = contracts.visible(viewer).filter(
        state=Contract.State.RUNNING, ends__gte=now, ends__lt=now + SOON
    )
    label, note = _("End within 60 days"), _("contracts to renew or let go")
    return _kpi(label, note, rows, _CONTRACTS, "?state=running&ends=soon", "warning")


def _contract_data_ending(viewer: Actor) -> Kpi:
    now = timezone.now()
    rows = contracts.visible_data(viewer).filter(valid_until__gte=now, valid_until__lt=now + SOON)
    label, note = _("Contract data ends soon"), _("within 60 days")
    return _kpi(label, note, rows, "contract_pool_contractdata", "?ends=soon", "warning")


def _deliveries(viewer: Actor) -> Kpi:
    rows = contracts.visible_deliveries(viewer).filter(at__gte=timezone.now() - WEEK)
    query = f"?from={(timezone.now() - WEEK):%Y-%m-%d}"
    return _kpi(_("Deliveries"), _("in the last 7 days"), rows, _DELIVERIES, query)


def _refused(viewer: Actor) -> Kpi:
    rows = contracts.visible_deliveries(viewer).filter(
        at__gte=timezone.now() - WEEK, outcome=Delivery.Outcome.REFUSED
    )
    query = f"?outcome=refused&from={(timezone.now() - WEEK):%Y-%m-%d}"
    label, note = _("Refused requests"), _("in the last 7 days")
    return _kpi(label, note, rows, _DELIVERIES, query, "warning")


def _roots(viewer: Actor) -> Kpi:
    rows = roots.visible(viewer).filter(state=RootCertificate.State.TRUSTED)
    label, note = _("Trusted roots"), _("in the pool")
    return _kpi(label, note, rows, _ROOTS, "?state=trusted")


def _issued(viewer: Actor) -> Kpi:
    rows = pki.issued(viewer).filter(state=IssuedCertificate.State.ISSUED)
    label, note = _("Issued certificates"), _("signed by the authorities here")
    return _kpi(label, note, rows, _ISSUED, "?state=issued")


def _stations(viewer: Actor) -> Kpi:
    label, note = _("Charge point certificates"), _("issued and not revoked")
    return _kpi(label, note, stations.own(viewer), _ISSUED, stations.LISTED)


def _stations_ending(viewer: Actor) -> Kpi:
    label, note = _("End within 60 days"), _("charge point certificates to renew")
    rows, query = stations.ending(viewer), f"{stations.LISTED}&ends=soon"
    return _kpi(label, note, rows, _ISSUED, query, "warning")


def _signers(viewer: Actor) -> Kpi:
    rows = signers.visible(viewer).filter(active=True)
    label, note = _("CPS signers"), _("sign contract data")
    return _kpi(label, note, rows, "provisioning_service_signer", "?active=True")


def _organizations(viewer: Actor) -> Kpi:
    rows = participants.visible_organizations(viewer=viewer)
    return _kpi(_("Organisations"), _("take part"), rows, "participants_organization")


_KPIS: dict[Role, tuple[Callable[[Actor], Kpi], ...]] = {
    Role.OPERATOR: (_vehicles, _contracts, _refused, _organizations),
    Role.OEM: (_vehicles, _vehicles_ending, _vehicles_expired, _roots),
    Role.MO: (_contracts, _contracts_ending, _contract_data_ending, _roots),
    Role.CPO: (_deliveries, _refused, _stations, _stations_ending),
    Role.CPS: (_signers, _issued, _roots),
}
