"""What the pages of a draft share: whose it is, where its pages are, what its summary says."""

from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.actor import Actor
from apps.core.web import display
from apps.core.web.pages import Fact, FactsCard
from apps.mo.models import ConclusionDraft
from apps.mo.steps import Step
from apps.root_pool.models import RootCertificate
from v2g.ids import Emaid

State = ConclusionDraft.State


def mine(viewer: Actor, draft: UUID) -> ConclusionDraft:
    """Return the person's own draft; somebody else's is as unknown as none."""
    rows = ConclusionDraft.objects.of(viewer).select_related("organization", "contract")
    found = rows.filter(uuid=draft).first()
    if not isinstance(found, ConclusionDraft):
        raise Http404
    return found


def unfinished(viewer: Actor) -> list[ConclusionDraft]:
    """Return the drafts that the person has begun, the newest first."""
    rows = ConclusionDraft.objects.of(viewer).exclude(state=State.STORED)
    return list(rows.exclude(typed={}, pcid="").order_by("-updated_at")[:50])


def address(draft: ConclusionDraft, step: Step) -> str:
    """Return where a step of the draft is."""
    return reverse(f"admin:mo_conclude_{step}", args=[draft.uuid])


def address_of_progress(draft: ConclusionDraft) -> str:
    """Return where the draft is followed once it is ordered."""
    return reverse("admin:mo_conclude_progress", args=[draft.uuid])


def summary(draft: ConclusionDraft) -> FactsCard:
    """«This contract», as far as it is known."""
    emaid = Emaid.parse(draft.emaid).display if draft.emaid else ""
    by = _("Our own CA") if draft.own_data else _("V2G MO CA")
    return FactsCard(
        title=_("This contract"),
        facts=(
            Fact(label=_("Provider"), value=draft.organization.name),
            Fact(label=_("Vehicle (PCID)"), value=draft.pcid, code=bool(draft.pcid)),
            Fact(label=_("EMAID"), value=emaid, code=bool(emaid)),
            Fact(label=_("Begins"), value=display.day(draft.begins)),
            Fact(label=_("Ends"), value=display.day(draft.ends)),
            Fact(label=_("V2G root"), value=_root(draft)),
            Fact(label=_("Contract data by"), value=by if draft.ends else ""),
        ),
    )


def _root(draft: ConclusionDraft) -> str:
    if draft.root is None:
        return _("Every root of the vehicle") if draft.ends else ""
    return str(RootCertificate.objects.filter(uuid=draft.root).first() or "")
