"""Asking for a certificate in the portal: hand in, look, order."""

import base64
import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from apps.core.actor import Actor
from apps.core.errors import DomainError
from apps.core.web import workflows
from apps.core.web.decisions import UNPROCESSABLE
from apps.core.web.refusals import in_words
from apps.core.web.uploads import tell_too_large
from apps.pki import prospects, services
from apps.pki.labels import LABELS
from apps.pki.models import IssuedCertificate
from apps.pki.signing_forms import KINDS, OrderForm, SigningRequestForm, kinds_for


def ask(request: HttpRequest, viewer: Actor) -> HttpResponse:
    """Take the signing request and show what it would become; nothing is stored."""
    if request.method != "POST":
        return _form(request, viewer, SigningRequestForm(viewer=viewer))
    if "back" in request.POST:
        typed = {name: request.POST.get(name, "") for name in ("kind", "pasted")}
        return _form(request, viewer, SigningRequestForm(viewer=viewer, initial=typed))
    form = SigningRequestForm(request.POST, request.FILES, viewer=viewer)
    tell_too_large(request, form)
    if not form.is_valid():
        return _form(request, viewer, form, UNPROCESSABLE)
    return workflows.show(
        request,
        "pki/dry_run.html",
        title=_("Request a certificate"),
        page=prospects.page_of(form.cleaned_data["found"], LABELS[form.cleaned_data["kind"]]),
        kind=form.cleaned_data["kind"],
        csr=base64.b64encode(form.cleaned_data["csr"]).decode(),
        once=uuid.uuid4(),
    )


def order(request: HttpRequest, viewer: Actor) -> HttpResponse:
    """Issue what was shown, and lead to its page."""
    form = OrderForm(request.POST, viewer=viewer)
    if not form.is_valid():
        return _form(request, viewer, form, UNPROCESSABLE)
    typed = form.cleaned_data
    try:
        made = services.enrol(
            actor=viewer,
            label=LABELS[typed["kind"]],
            version=typed["found"].version,
            csr=typed["csr"],
            once=typed["once"],
        )
    except DomainError as error:
        form.add_error(None, in_words(error))
        return _form(request, viewer, form, UNPROCESSABLE)
    messages.success(request, _done(made) % {"name": made.common_name})
    return HttpResponseRedirect(prospects.address_of(made))


def _done(made: object) -> str:
    if isinstance(made, IssuedCertificate):
        return _("The certificate %(name)s is issued. Download it here and install it.")
    return _("%(name)s was asked for. The operator decides; come back with the same request.")


def _form(
    request: HttpRequest, viewer: Actor, form: SigningRequestForm, status: int = 200
) -> HttpResponse:
    return workflows.show(
        request,
        "pki/request.html",
        title=_("Request a certificate"),
        lead=_("Hand in a signing request and see what it would become. Nothing is issued yet."),
        status=status,
        form=form,
        notes=[(KINDS[key][0], KINDS[key][1]) for key in kinds_for(viewer)],
    )
