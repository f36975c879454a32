"""The operator's pages beside the lists."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor
from apps.core.web import display, workflows
from apps.operator import health, pictures
from apps.operator.pools import overview


def page(request: HttpRequest, viewer: Actor) -> HttpResponse:
    """Show how everything stands; the fragment below keeps itself up to date."""
    return workflows.show(request, "operator/health.html", title=_("Health"), **_found())


def now(request: HttpRequest, viewer: Actor) -> HttpResponse:
    """Answer the part of the page that is fetched again every few seconds."""
    return render(request, "operator/health_now.html", _found())


def pools(request: HttpRequest, viewer: Actor) -> HttpResponse:
    """Show what the pools hold."""
    found = overview(viewer)
    return workflows.show(
        request,
        "operator/pools.html",
        title=_("Pools"),
        overview=found,
        at=display.moment(found.at),
        bars=pictures.endings(found.pools),
        oems=pictures.shares(found.oems.holders),
        mos=pictures.shares(found.mos.holders),
    )


def _found() -> dict[str, Any]:
    found = health.readings()
    at = display.moment(timezone.now())
    return {"readings": found, "summary": health.summary(found), "at": at}
