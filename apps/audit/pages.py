"""The history of an object, for its own page."""

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.audit import selectors
from apps.audit.models import AuditEvent
from apps.core.actor import Actor
from apps.core.web import display, wording
from apps.core.web.display import Badge
from apps.core.web.pages import Row, Tab, TableCard
from apps.core.web.refusals import told

SHOWN = 20


def result_badge(event: AuditEvent) -> Badge:
    """Say how an audited action went."""
    refused = event.result == AuditEvent.Result.REFUSED
    return Badge(_("Refused"), "danger") if refused else Badge(_("Done"), "success")


def history_tab(viewer: Actor, target_type: str, target_id: str) -> Tab:
    """What the viewer may know of the past of an object, the newest events first."""
    events = selectors.history_of(viewer, target_type, target_id)[:SHOWN]
    card = TableCard(
        title=_("History"),
        note=_("the last %(count)s events") % {"count": SHOWN},
        columns=(_("Action"), _("By"), _("Reason"), _("Time"), _("Status")),
        rows=tuple(_row(event) for event in events),
        empty=_("Nothing that your organisation did to it is on record."),
    )
    return Tab(key="history", title=_("History"), cards=(card,))


def _row(event: AuditEvent) -> Row:
    return Row(
        href=reverse("admin:audit_auditevent_change", args=[event.pk]),
        cells=(
            wording.action(event.action).text,
            wording.who(event.actor_kind, event.actor_label),
            told(event.reason),
            display.moment(event.at),
            result_badge(event),
        ),
    )
