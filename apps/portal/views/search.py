"""The search of the portal, as a fragment of its dialog."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from apps.core.errors import TooMany
from apps.core.web.refusals import in_words
from apps.portal.search import SHORTEST, find

TEMPLATE = "portal/search_results.html"


def search(request: HttpRequest) -> HttpResponse:
    """Answer each pause of typing; always 200, because only that is shown."""
    term = request.GET.get("s", "").strip()
    request.current_app = admin.site.name
    try:
        context = {"term": term, "found": find(request, term), "short": len(term) < SHORTEST}
    except TooMany as error:
        context = {"term": term, "refused": in_words(error)}
    return TemplateResponse(request, TEMPLATE, context)
