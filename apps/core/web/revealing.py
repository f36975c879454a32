"""Secrets that are shown once: in the answer to the press that made them, and nowhere else.

No message, session or log carries them, and the page is never stored (`never_cache` of the site).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from apps.core.actor import Actor
from apps.core.web.acting import Acting
from apps.core.web.actions import ActionPage
from apps.core.web.deciding import Deciding
from apps.core.web.pages import Fact, Page, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """What is shown once: `facts` hold the secret, `lead` says what happened, `next` what to do."""

    title: Text
    lead: Text
    facts: tuple[Fact, ...]
    next: Text = ""


def reveal(
    admin: Deciding, request: HttpRequest, secret: Secret, address: str, *, status: int = 200
) -> HttpResponse:
    """Show a secret; `address` is where the button leads afterwards."""
    return admin.show(
        request,
        "portal/secret.html",
        Page(heading=secret.title),
        secret.title,
        status=status,
        secret=secret,
        address=address,
    )


class SecretPage(ActionPage):
    """An action that makes a secret: `run` returns it, and there is no message."""

    done = ""

    def run(self, actor: Actor, row: Any, typed: Mapping[str, Any]) -> Secret:
        raise NotImplementedError


class Revealing(Acting):
    """Mixed into a ScopedAdmin, before it, whose action pages make secrets."""

    def answer(
        self, request: HttpRequest, object_id: str, done: Text, made: object
    ) -> HttpResponse:
        if isinstance(made, Secret):
            return reveal(self, request, made, self.address_of(object_id))
        return super().answer(request, object_id, done, made)
