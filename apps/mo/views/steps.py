"""The steps of a conclusion: one address each, kept in the draft, followed by a redirect."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http import HttpResponseRedirect as Redirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.actor import Actor
from apps.core.errors import Conflict, DomainError
from apps.core.web import workflows
from apps.core.web.decisions import UNPROCESSABLE, attempt
from apps.core.web.refusals import in_words
from apps.core.web.uploads import tell_too_large
from apps.mo import emaids, services, vehicles
from apps.mo.forms import FORMS, StepForm, VehicleForm, proposal
from apps.mo.models import ConclusionDraft
from apps.mo.steps import Step, after, before, first_missing, marks, may_open
from apps.mo.vehicles import Answer
from apps.mo.views import vehicle_cards
from apps.mo.views.drafts import address, address_of_progress, mine, summary, unfinished
from v2g.ids import Pcid

View = Callable[..., HttpResponse]


def start(request: HttpRequest, viewer: Actor) -> HttpResponse:
    """Lead to an empty draft; a PCID that is posted fills its first step."""
    try:
        draft = services.begin(actor=viewer)
    except Conflict as error:
        messages.warning(request, in_words(error))
        return Redirect(reverse("admin:mo_conclude_unfinished"))
    if request.method == "POST":
        form = VehicleForm(request.POST, viewer=viewer, draft=draft)
        _keep(viewer, draft, request)
        if attempt(form, form.save, {}) is None:
            return Redirect(address(draft, Step.CUSTOMER))
    return Redirect(address(draft, Step.VEHICLE))


def step_view(step: Step) -> View:
    """Make the view of a step."""
    return partial(_step, step=step)


def _step(request: HttpRequest, viewer: Actor, draft: UUID, step: Step) -> HttpResponse:
    found = mine(viewer, draft)
    if found.state != ConclusionDraft.State.OPEN:
        return Redirect(address_of_progress(found))
    if not may_open(found, step):
        return Redirect(address(found, first_missing(found)))
    try:
        if request.method == "POST":
            return _post(request, viewer, found, step)
        if step is Step.CUSTOMER and not found.typed.get("emaid"):
            _propose(viewer, found, request)
        return _page(request, viewer, found, step, FORMS[step](viewer=viewer, draft=found))
    except DomainError as error:
        # What the step stands on is gone: the vehicle left the pool, say.
        messages.warning(request, in_words(error))
        return Redirect(address(found, Step.VEHICLE))


def _post(request: HttpRequest, viewer: Actor, draft: ConclusionDraft, step: Step) -> HttpResponse:
    if step is Step.CUSTOMER and "propose" in request.POST:
        _propose(viewer, draft, request)
        return Redirect(address(draft, step))
    _keep(viewer, draft, request)
    form = FORMS[step](request.POST, request.FILES, viewer=viewer, draft=draft)
    tell_too_large(request, form)
    status = attempt(form, form.save, form.fields_of)
    if status is not None:
        return _page(request, viewer, draft, step, form, status)
    done = step is Step.CONFIRM
    return Redirect(address_of_progress(draft) if done else address(draft, after(step)))


def typed(request: HttpRequest, viewer: Actor, draft: UUID, step: str) -> HttpResponse:
    """Keep what is being typed, and say what is known about it; always 200 or 204."""
    found = mine(viewer, draft)
    _keep(viewer, found, request)
    if step == Step.VEHICLE:
        answer = vehicles.as_typed(viewer, request.POST.get("pcid", ""), at=timezone.now())
        cards = vehicle_cards.cards(answer.found) if answer.found else ()
        return render(request, "mo/typed_vehicle.html", {"answer": answer, "cards": cards})
    if step == Step.CUSTOMER:
        answer = _about_emaid(viewer, request.POST.get("emaid", ""))
        return render(request, "mo/answer.html", {"answer": answer})
    return HttpResponse(status=204)


def unfinished_list(request: HttpRequest, viewer: Actor) -> HttpResponse:
    """List what the person has begun."""
    rows = [(one, summary(one), _whereto(one)) for one in unfinished(viewer)]
    return workflows.show(request, "mo/unfinished.html", title=_("Unfinished contracts"), rows=rows)


def discard(request: HttpRequest, viewer: Actor, draft: UUID) -> HttpResponse:
    """Throw a draft away."""
    try:
        services.discard(actor=viewer, draft=mine(viewer, draft))
    except Conflict as error:
        messages.warning(request, in_words(error))
    return Redirect(reverse("admin:mo_conclude_unfinished"))


def _whereto(draft: ConclusionDraft) -> str:
    if draft.state != ConclusionDraft.State.OPEN:
        return address_of_progress(draft)
    return address(draft, first_missing(draft))


def _keep(viewer: Actor, draft: ConclusionDraft, request: HttpRequest) -> None:
    """Keep the texts of a request; a draft that was ordered meanwhile stays as it is."""
    with suppress(Conflict):
        services.keep(actor=viewer, draft=draft, typed=request.POST.dict())


def _propose(viewer: Actor, draft: ConclusionDraft, request: HttpRequest) -> None:
    provider_id = request.POST.get("provider_id", "")
    texts = {"emaid": proposal(viewer, provider_id)}
    if provider_id:
        texts["provider_id"] = provider_id
    services.keep(actor=viewer, draft=draft, typed=texts)


def _about_emaid(viewer: Actor, text: str) -> Answer:
    if not text.strip():
        return Answer("wait", "")
    try:
        checked = emaids.check(viewer, text)
    except DomainError as error:
        unfinished_form = error.code == "emaid_form" and len(text.strip()) < 14
        return Answer("wait" if unfinished_form else "danger", in_words(error))
    good = _("%(emaid)s is free.") % {"emaid": checked.emaid.display}
    return Answer("wait", checked.warning) if checked.warning else Answer("success", good)


def _page(
    request: HttpRequest,
    viewer: Actor,
    draft: ConclusionDraft,
    step: Step,
    form: StepForm,
    status: int = 200,
) -> TemplateResponse:
    previous = before(step)
    shown = UNPROCESSABLE if status == 422 else status
    others = [one for one in unfinished(viewer) if one.pk != draft.pk]
    return workflows.show(
        request,
        f"mo/{step}.html",
        title=_("Conclude a contract"),
        status=shown,
        draft=draft,
        step=step,
        marks=[(mark, address(draft, mark.step)) for mark in marks(draft, step)],
        form=form,
        summary=summary(draft),
        back=address(draft, previous) if previous else "",
        typed_address=reverse("admin:mo_conclude_typed", args=[draft.uuid, step.value]),
        **_more(viewer, draft, step, others),
    )


def _more(
    viewer: Actor, draft: ConclusionDraft, step: Step, others: list[ConclusionDraft]
) -> dict[str, object]:
    """What one step alone shows."""
    if step is Step.VEHICLE:
        answer = Answer("wait", "")
        if draft.pcid and vehicles.plain(str(draft.typed.get("pcid", ""))) == draft.pcid:
            answer = vehicles.as_typed(viewer, draft.pcid, at=timezone.now())
        cards = vehicle_cards.cards(answer.found) if answer.found else ()
        return {"answer": answer, "cards": cards, "others": len(others)}
    if step is Step.CUSTOMER:
        return {"answer": _about_emaid(viewer, str(draft.typed.get("emaid", "")))}
    if step is Step.CONFIRM:
        found = vehicles.look_up(viewer, Pcid(draft.pcid), at=timezone.now())
        answer = _about_emaid(viewer, draft.emaid)
        return {"vehicle": found.row, "emaid_answer": answer}
    return {}
