"""The half of a ScopedAdmin that writes: decisions about a row, and own pages of a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http import HttpResponseRedirect as Redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse

from apps.core.actor import Actor
from apps.core.web import freshness
from apps.core.web.actions import ActionPage
from apps.core.web.decisions import (
    UNPROCESSABLE,
    Action,
    Decision,
    FormPage,
    attempt,
    is_offered,
    with_form,
)
from apps.core.web.membership import viewer_of
from apps.core.web.pages import Page, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLink:
    """A button above a list: `name` is the address's name in the site."""

    label: Text
    name: str
    icon: str = "add"

    @property
    def href(self) -> str:
        return reverse(f"admin:{self.name}")


class Deciding:
    """Mixed into ScopedAdmin, which says what may be seen.

    `row_actions` are all actions that rows of this model know; which of them a viewer is offered
    now is said by `decisions_of`. An action that is not offered still ends in the service, which
    refuses it. `action_pages` are served by Acting.
    """

    row_actions: ClassVar[tuple[Action, ...]] = ()
    action_pages: ClassVar[tuple[ActionPage, ...]] = ()
    admin_site: Any
    opts: Any
    heading: Any
    change_form_template: Any
    url_field: ClassVar[str]

    # --- what a subclass says ---------------------------------------------------------------------
    def decisions_of(self, found: Any, viewer: Actor) -> tuple[Decision, ...]:
        """Say what the viewer may decide about the row now."""
        return ()

    def extra_urls(self) -> list[URLPattern]:
        """Own pages of the list, before its rows; each view goes through `admin_view`."""
        return []

    def list_links(self, viewer: Actor) -> tuple[ListLink, ...]:
        """Buttons above the list for this viewer."""
        return ()

    def shown_page(self, found: Any, viewer: Actor) -> Page:
        raise NotImplementedError

    def links_of(self, found: Any, viewer: Actor) -> Sequence[Any]:
        raise NotImplementedError

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        raise NotImplementedError

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        raise NotImplementedError

    # --- how it is served -------------------------------------------------------------------------
    def visible_row(self, request: HttpRequest, object_id: str) -> Any:
        """Return the row; one that the viewer may not see is as unknown as a wrong id."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        return found

    def decision_view(self, request: HttpRequest, object_id: str, key: str) -> HttpResponse:
        """One button of a card: its service where it is pressed, nothing where it is read."""
        found = self.visible_row(request, object_id)
        action = next((one for one in self.row_actions if one.key == key), None)
        if action is None:
            raise Http404
        if request.method == "POST":
            return self._press(request, object_id, found, action)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        return Redirect(self.address_of(object_id))

    def _press(
        self, request: HttpRequest, object_id: str, found: Any, action: Action
    ) -> HttpResponse:
        if action.fresh and not freshness.is_fresh(request):
            return freshness.ask(request)
        viewer, form = viewer_of(request), action.form(request.POST)
        status = attempt(form, lambda: action.run(viewer, found, form.cleaned_data), action.fields)
        if status is None:
            messages.success(request, action.done % {"name": found})
            return Redirect(self.address_of(object_id))
        found = self.visible_row(request, object_id)
        offered = self.decisions_of(found, viewer)
        if is_offered(offered, action.key):
            cards = with_form(offered, action.key, form)
            return self.detail(request, found, decisions=cards, status=status)
        if status == UNPROCESSABLE:
            raise PermissionDenied
        refused = [str(one) for errors in form.errors.values() for one in errors]
        return self.detail(request, found, refused=refused, status=status)

    def detail(
        self,
        request: HttpRequest,
        found: Any,
        *,
        decisions: tuple[Decision, ...] | None = None,
        refused: Sequence[str] = (),
        status: int = 200,
    ) -> HttpResponse:
        """Show the row, what may be decided, and what was just refused."""
        viewer = viewer_of(request)
        page = self.shown_page(found, viewer)
        return self.show(
            request,
            self.change_form_template,
            page,
            page.heading,
            status=status,
            refused=refused,
            decisions=self.decisions_of(found, viewer) if decisions is None else decisions,
            links=self.links_of(found, viewer),
            actions=[one for one in self._by_tone() if one.offered(found, viewer)],
            address=self.address_of(str(getattr(found, self.url_field))),
        )

    def _by_tone(self) -> list[ActionPage]:
        """The action pages, what cannot be taken back last."""
        return sorted(self.action_pages, key=lambda one: one.tone == "danger")

    def form_page(
        self, request: HttpRequest, words: FormPage, form: forms.Form, status: int
    ) -> HttpResponse:
        """Show a page of the list that is one form."""
        template = "portal/form_page.html"
        return self.show(request, template, words, words.title, status=status, form=form)

    def show(
        self,
        request: HttpRequest,
        template: str,
        page: Page | FormPage,
        title: Text,
        *,
        status: int = 200,
        **more: Any,
    ) -> HttpResponse:
        """Show a page below this list."""
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "heading": self.heading,
            "opts": self.opts,
            "page": page,
            **more,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, template, context, status=status)

    def address_of(self, object_id: str) -> str:
        """Return where the detail page of the row is."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(f"admin:{name}", args=[object_id])
