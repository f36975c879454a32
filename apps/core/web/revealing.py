"""Secrets that are shown once: in the answer to the press that made them, and nowhere else.

No message, session or log carries them, and the page is never stored (`never_cache` of the site).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from apps.core.actor import Actor
from apps.core.web.acting import Acting
from apps.core.web.actions import CONFIRMATION, ActionPage
from apps.core.web.deciding import Deciding
from apps.core.web.decisions import attempt
from apps.core.web.membership import viewer_of
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
    """An action that makes a secret: `make` returns it instead of `run`; there is no message."""

    done = ""

    def make(self, actor: Actor, row: Any, typed: Mapping[str, Any]) -> Secret:
        """Call the service with what was typed, and return what is shown once."""
        raise NotImplementedError


class Revealing(Acting):
    """Mixed into a ScopedAdmin, before it, whose action pages make secrets."""

    def _act(
        self, request: HttpRequest, object_id: str, found: Any, action: ActionPage
    ) -> HttpResponse:
        if not isinstance(action, SecretPage) or not action.fits(found):
            return super()._act(request, object_id, found, action)
        viewer, made = viewer_of(request), list[Secret]()
        form = action.bound(found, viewer, request.POST, request.FILES)

        def make() -> None:
            typed = {key: one for key, one in form.cleaned_data.items() if key != CONFIRMATION}
            made.append(action.make(viewer, found, typed))

        status = attempt(form, make, action.fields)
        if status is not None:
            return self._ask(request, self.visible_row(request, object_id), action, form, status)
        return reveal(self, request, made[0], self.address_of(object_id))
