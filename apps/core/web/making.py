"""Making pages: a form of its own above a list, at `<list>/<key>/`, that adds a row to it.

To add one, write a subclass of MakingPage in the app's `decisions.py` and name an instance in the
`making_pages` of an admin that is `Making`. The button above the list, the page, CSRF, 403, 405,
409 and 422 with all that was typed come from here. A page that makes a secret answers the press
itself, see `revealing`; every other one leads to the row.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http import HttpResponseRedirect as Redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor
from apps.core.web import freshness
from apps.core.web.acting import METHODS
from apps.core.web.deciding import Deciding, ListLink
from apps.core.web.decisions import FormPage, attempt
from apps.core.web.membership import viewer_of
from apps.core.web.pages import Text
from apps.core.web.revealing import Secret, reveal


class MakingForm(forms.Form):
    """What a new row needs; `viewer` is who fills it in.

    `once` is drawn when the form is shown and becomes part of the row, so that a second press of
    the same form makes no second row.
    """

    once = forms.UUIDField(
        widget=forms.HiddenInput,
        initial=uuid.uuid4,
        error_messages=dict.fromkeys(
            ("required", "invalid"), _("This form is not complete. Open it again.")
        ),
    )

    def __init__(self, *args: Any, viewer: Actor, **kwargs: Any) -> None:
        self.viewer = viewer
        super().__init__(*args, **kwargs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What came of a press: the row, and the secret that goes with it if there is one."""

    row: Any
    secret: Secret | None = None


class MakingPage:
    """One way to add a row, declared. `fields` names the field of each error code that has one."""

    key: ClassVar[str]
    label: ClassVar[Text]
    icon: ClassVar[str] = "add"
    words: ClassVar[FormPage]
    form: ClassVar[type[MakingForm]]
    fields: ClassVar[Mapping[str, str]] = {}
    fresh: ClassVar[bool] = False

    def may(self, viewer: Actor) -> bool:
        """Tell whether the viewer has the right to add a row."""
        raise NotImplementedError

    def run(self, actor: Actor, typed: Mapping[str, Any]) -> Made:
        """Call the service with what was typed."""
        raise NotImplementedError


class Making(Deciding):
    """Mixed into a ScopedAdmin before it."""

    making_pages: ClassVar[tuple[MakingPage, ...]] = ()

    def list_links(self, viewer: Actor) -> tuple[ListLink, ...]:
        return tuple(
            ListLink(label=one.label, name=self._name_of(one), icon=one.icon)
            for one in self.making_pages
            if one.may(viewer)
        )

    def extra_urls(self) -> list[URLPattern]:
        return [
            path(
                f"{one.key}/",
                self.admin_site.admin_view(partial(self.making_view, page=one)),
                name=self._name_of(one),
            )
            for one in self.making_pages
        ]

    def making_view(self, request: HttpRequest, page: MakingPage) -> HttpResponse:
        """Ask (GET) or make (POST)."""
        viewer = viewer_of(request)
        if not self.has_view_permission(request) or not page.may(viewer):
            raise PermissionDenied
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        if page.fresh and not freshness.is_fresh(request):
            return freshness.ask(request)
        if request.method == "POST":
            return self._make(request, page, viewer)
        return self.form_page(request, page.words, page.form(viewer=viewer), 200)

    def _make(self, request: HttpRequest, page: MakingPage, viewer: Actor) -> HttpResponse:
        form, made = page.form(request.POST, viewer=viewer), list[Made]()
        status = attempt(
            form, lambda: made.append(page.run(viewer, form.cleaned_data)), page.fields
        )
        if status is not None:
            return self.form_page(request, page.words, form, status)
        row, secret = made[0].row, made[0].secret
        address = self.address_of(str(getattr(row, self.url_field)))
        if secret is not None:
            return reveal(self, request, secret, address)
        messages.success(request, page.words.done % {"name": row})
        return Redirect(address)

    def _name_of(self, page: MakingPage) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page.key.replace('-', '_')}"
