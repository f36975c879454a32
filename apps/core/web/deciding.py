"""The half of a ScopedAdmin that writes: decisions about a row, and own pages of a list."""

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
    refuses it.
    """

    row_actions: ClassVar[tuple[Action, ...]] = ()
    admin_site: Any
    opts: Any
    heading: Any
    change_form_template: Any

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

    def page(self, found: Any, viewer: Actor) -> Page:
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
        """One action of a row: its page where it has one, its service where it is pressed."""
        found = self.visible_row(request, object_id)
        action = next((one for one in self.row_actions if one.key == key), None)
        if action is None:
            raise Http404
        if request.method == "POST":
            return self._press(request, object_id, found, action)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        offered = self.decisions_of(found, viewer_of(request))
        if is_offered((one for one in offered if one.link), key):
            return self.detail(request, found, offered, key=key)
        return Redirect(self.address_of(object_id))

    def _press(
        self, request: HttpRequest, object_id: str, found: Any, action: Action
    ) -> HttpResponse:
        viewer, form = viewer_of(request), action.form(request.POST)
        status = attempt(form, lambda: action.run(viewer, found, form.cleaned_data), action.fields)
        if status is None:
            messages.success(request, action.done % {"name": found})
            return Redirect(self.address_of(object_id))
        found = self.visible_row(request, object_id)
        offered = self.decisions_of(found, viewer)
        if status == UNPROCESSABLE and not is_offered(offered, action.key):
            raise PermissionDenied
        return self.detail(request, found, offered, key=action.key, form=form, status=status)

    def detail(
        self,
        request: HttpRequest,
        found: Any,
        offered: tuple[Decision, ...],
        *,
        key: str = "",
        form: forms.Form | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """Show the row and what may be decided; `key` opens the decision that has its own page."""
        page = self.page(found, viewer_of(request))
        refused: list[str] = []
        if form is not None and is_offered(offered, key):
            offered = with_form(offered, key, form)
        elif form is not None:
            refused = [str(one) for errors in form.errors.values() for one in errors]
        alone = [decision for decision in offered if decision.link and decision.offers(key)]
        context = {
            **self.admin_site.each_context(request),
            "title": page.heading,
            "heading": self.heading,
            "opts": self.opts,
            "page": page,
            "refused": refused,
            "asked_alone": bool(alone),
            "decisions": alone or [decision for decision in offered if not decision.link],
            "decision_links": [decision for decision in offered if decision.link],
            "address": self.address_of(request.resolver_match.kwargs["object_id"]),  # type: ignore[union-attr]  # a resolved request
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, self.change_form_template, context, status=status)

    def form_page(
        self, request: HttpRequest, words: FormPage, form: forms.Form, status: int
    ) -> HttpResponse:
        """Show a page of the list that is one form."""
        context = {
            **self.admin_site.each_context(request),
            "title": words.title,
            "heading": self.heading,
            "opts": self.opts,
            "page": words,
            "form": form,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "portal/form_page.html", context, status=status)

    def address_of(self, object_id: str) -> str:
        """Return where the detail page of the row is."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(f"admin:{name}", args=[object_id])
