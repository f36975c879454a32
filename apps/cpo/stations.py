"""The certificates of a CPO's charge points: how many count, and which end soon."""

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.core.actor import Actor
from apps.core.web import display
from apps.core.web.display import SOON
from apps.core.web.pages import Row, TableCard
from apps.core.web.paging import card_count, card_text
from apps.pki import pages, selectors
from apps.pki.models import IssuedCertificate
from v2g.pki.profiles import SECC_LEAF

SHOWN: Final = 50
LISTED: Final = f"?state=issued&kind={SECC_LEAF.name}"
"""Where the list of issued certificates shows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number, what it counts, and the list that proves it."""

    label: str
    value: str
    note: str
    href: str
    tone: str = ""


def own(viewer: Actor) -> QuerySet[IssuedCertificate]:
    """Return the charge point certificates that count for the viewer's organisation."""
    mine = selectors.issued(viewer).filter(profile=SECC_LEAF.name)
    return mine.filter(state=IssuedCertificate.State.ISSUED)


def ending(viewer: Actor) -> QuerySet[IssuedCertificate]:
    """Return those that end within 60 days, the next one first."""
    now = timezone.now()
    soon = own(viewer).filter(not_after__gte=now, not_after__lt=now + SOON)
    return soon.order_by("not_after", "pk")


def figures(viewer: Actor) -> tuple[Figure, ...]:
    """Return the three numbers of the page."""
    mine = own(viewer)
    expired = mine.filter(not_after__lt=timezone.now())
    return (
        _figure(_("Certificates"), _("issued and not revoked"), mine, LISTED),
        _figure(
            _("End within 60 days"),
            _("renew them"),
            ending(viewer),
            f"{LISTED}&ends=soon",
            "warning",
        ),
        _figure(
            _("Expired"), _("vehicles refuse them"), expired, f"{LISTED}&ends=expired", "danger"
        ),
    )


def ending_card(viewer: Actor) -> TableCard:
    """Those to renew, each with its page."""
    return _card(_("Ending soon"), ending(viewer), _("No certificate ends within 60 days."))


def newest_card(viewer: Actor) -> TableCard:
    """Those that were issued last."""
    newest = own(viewer).order_by("-pk")[: SHOWN // 5]
    empty = _("No certificate yet. Request the first one with a signing request.")
    return _card(_("Newest"), newest, empty)


def _card(title: str, rows: Any, empty: str) -> TableCard:
    return TableCard(
        title=title,
        columns=(_("Common name"), _("Valid until"), _("Status")),
        rows=tuple(_row(issued) for issued in rows[:SHOWN]),
        empty=empty,
    )


def _row(issued: IssuedCertificate) -> Row:
    ends: SafeString | str = display.date_cell(issued.not_after)
    return Row(
        href=reverse("admin:pki_issuedcertificate_change", args=[issued.pk]),
        cells=(display.code(issued.common_name), ends, pages.issued_badge(issued)),
    )


def _figure(label: str, note: str, rows: Any, query: str, tone: str = "") -> Figure:
    count = card_count(rows)
    href = reverse("admin:pki_issuedcertificate_changelist") + query
    return Figure(
        label=label, value=card_text(count), note=note, href=href, tone=tone if count else ""
    )
