"""The inspector's findings in words."""

import json
from collections.abc import Iterator, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.web import certificates
from apps.core.web.display import Badge
from apps.core.web.pages import (
    Card,
    Check,
    ChecksCard,
    CodeCard,
    Fact,
    FactsCard,
    Page,
    Tab,
)
from apps.core.web.refusals import told
from apps.cpo.inspector import Finding, ReadMessage, Said, Subject, Verdict

Text = str | Promise

BADGES: dict[Verdict, Badge] = {
    Verdict.HOLDS: Badge(gettext_lazy("Holds"), "success"),
    Verdict.FAILS: Badge(gettext_lazy("Fails"), "danger"),
    Verdict.UNKNOWN: Badge(gettext_lazy("Not known"), "warning"),
}
SUBJECTS: dict[Subject, Text] = {
    Subject.SIGNATURE: gettext_lazy("Signature of the message"),
    Subject.VEHICLE: gettext_lazy("Vehicle's certificate"),
    Subject.SIGNER_CHAIN: gettext_lazy("Chain of the signer (CPS)"),
    Subject.CONTRACT_CHAIN: gettext_lazy("Chain of the contract certificate"),
}
SAID: dict[Said, Text] = {
    Said.SIGNED: gettext_lazy("The key of the first certificate signed all that must be signed."),
    Said.NOT_SIGNED: gettext_lazy("The message carries no signature."),
    Said.CURRENT: gettext_lazy(
        "The current certificate of the vehicle in the pool, below %(detail)s."
    ),
    Said.NOT_IN_POOL: gettext_lazy(
        "The pool does not hold this certificate as a vehicle's current one."
    ),
    Said.REACHES_ROOT: gettext_lazy("Valid now, up to the trusted root %(detail)s."),
    Said.ERROR: gettext_lazy("%(detail)s"),
}


def result_page(found: ReadMessage, findings: Sequence[Finding]) -> Page:
    """A decoded message with what holds of it."""
    return Page(
        heading=found.name,
        line=found.version.value,
        tabs=(
            Tab(key="verdict", title=_("Verdict"), cards=(_verdict(found, findings),)),
            Tab(key="message", title=_("Message"), cards=(_message(found),)),
            Tab(key="certificates", title=_("Certificates"), cards=tuple(_certificates(found))),
        ),
    )


def _verdict(found: ReadMessage, findings: Sequence[Finding]) -> Card:
    return ChecksCard(
        title=found.name,
        note=found.version.value,
        checks=tuple(
            Check(
                name=SUBJECTS[one.subject],
                badge=BADGES[one.verdict],
                line=SAID[one.said] % {"detail": told(one.detail)},
            )
            for one in findings
        ),
    )


def _message(found: ReadMessage) -> Card:
    text = json.dumps(found.form, indent=2, ensure_ascii=False)
    return CodeCard(title=_("Decoded message"), note=found.name, text=text)


def _certificates(found: ReadMessage) -> Iterator[Card]:
    for title, chain in (
        (_("Vehicle"), found.vehicle),
        (_("Contract"), found.contract),
        (_("Signer (CPS)"), found.signer),
    ):
        for number, der in enumerate(chain):
            name = (
                title
                if number == 0
                else _("%(of)s: sub-CA %(number)s")
                % {
                    "of": title,
                    "number": number,
                }
            )
            yield certificates.facts_card(der, title=name)
    session = found.session_id.hex().upper()
    fact = Fact(label=_("Session id"), value=session, code=True)
    yield FactsCard(title=_("Session"), facts=(fact,))
