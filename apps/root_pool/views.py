"""The trust store in the portal."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.actor import Actor
from apps.core.errors import NotFound
from apps.core.web import workflows
from apps.core.web.refusals import in_words
from apps.root_pool import services, trust_stores
from apps.root_pool.api import files
from apps.root_pool.models import RootCertificate


def trust_store(request: HttpRequest, viewer: Actor) -> HttpResponse:
    """Show the roots to install and what changed."""
    return workflows.show(
        request,
        "root_pool/trust_store.html",
        title=_("Trust store"),
        lead=_("The roots to install, and what changed since your organisation took them last."),
        stores=trust_stores.trust_stores(viewer),
        forms=trust_stores.FORMS,
    )


def download(request: HttpRequest, viewer: Actor, root_type: str, form: str) -> HttpResponse:
    """Hand the roots of a type out and remember it: therefore a POST."""
    if root_type not in RootCertificate.Type.values or form not in dict(trust_stores.FORMS):
        raise Http404
    try:
        roots = services.download_trust_store(
            actor=viewer, root_type=RootCertificate.Type(root_type)
        )
    except NotFound as error:
        messages.warning(request, in_words(error))
        return HttpResponseRedirect(reverse("admin:root_pool_trust_store"))
    return files.trust_store(roots, form)
