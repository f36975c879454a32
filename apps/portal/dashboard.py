"""The first page of each role: what needs action, four numbers, what happened lately.

Every number is a bounded count over an index and links to the list that proves it.
"""

from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from apps.audit import selectors as audit
from apps.audit.models import AuditEvent
from apps.core.actor import Actor, Role
from apps.core.web import wording, workflows
from apps.core.web.display import distance
from apps.core.web.membership import Membership
from apps.core.web.navigation import Entry
from apps.core.web.pictures import Picture
from apps.cpo.installations import overview
from apps.portal.charts import charts_for, counted
from apps.portal.numbers import Alert, Kpi, alerts_for, kpis_for
from apps.portal.queue import queue_for
from apps.portal.timeline import timeline_for

SHOWN_EVENTS = 6
SHOWN_ACTIONS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One recent event in words."""

    icon: str
    tone: str
    text: str
    who: str
    when: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """All that the page shows."""

    heading: str
    line: str
    actions: list[Entry]
    alerts: list[Alert]
    kpis: list[Kpi]
    wide: list[Picture]
    pictures: list[Picture]
    counted: str
    activity: list[Activity]


def dashboard(membership: Membership) -> Dashboard:
    """Gather the page for the organisation that the person acts for."""
    viewer = membership.actor
    roles = ", ".join(str(_role(role)) for role in Role if role in viewer.roles)
    charts = charts_for(viewer)
    today = date_format(timezone.localtime(), "WEEKDAY_DATE_FORMAT")
    return Dashboard(
        heading=membership.organization.name,
        line=f"{roles or _('No role yet')} · {today}",
        actions=_actions(viewer),
        alerts=alerts_for(viewer),
        kpis=kpis_for(viewer),
        wide=_wide(viewer),
        pictures=[*charts, *filter(None, [queue_for(viewer)])],
        counted=counted() if charts else "",
        activity=[_activity(event) for event in audit.visible(viewer)[:SHOWN_EVENTS]],
    )


def _wide(viewer: Actor) -> list[Picture]:
    """The pictures over the whole width: what was asked at charge points, and what ends when."""
    asked = overview(viewer).picture if viewer.has(Role.CPO) else None
    if asked:
        asked = replace(asked, href=reverse("admin:cpo_requests"))
    return [one for one in (asked, timeline_for(viewer)) if one]


def _actions(viewer: Actor) -> list[Entry]:
    """What the person comes for, the first as the primary button."""
    entries = (one.entry for one in workflows.registered() if one.prominent)
    found = sorted((one for one in entries if one.is_for(viewer)), key=lambda one: one.order)
    return found[:SHOWN_ACTIONS]


def _role(role: Role) -> str | Promise:
    return wording.ROLES[role]


def _activity(event: AuditEvent) -> Activity:
    words = wording.action(event.action)
    refused = event.result == AuditEvent.Result.REFUSED
    said = _("Refused: %(action)s") % {"action": words.text} if refused else words.text
    target = wording.target(event.target_type, event.target_id, event.detail)
    return Activity(
        icon="block" if refused else words.icon,
        tone="danger" if refused else words.tone,
        text=f"{said} · {target}" if target else str(said),
        who=str(wording.who(event.actor_kind, event.actor_label)),
        when=distance(event.at),
        href=reverse("admin:audit_auditevent_change", args=[event.pk]),
    )
