"""The part of a ScopedAdmin that serves action pages, see `apps.core.web.actions`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http import HttpResponseRedirect as Redirect
from django.urls import URLPattern, path, reverse

from apps.core.actor import Actor
from apps.core.web import freshness
from apps.core.web.actions import ActionForm, ActionPage
from apps.core.web.deciding import Deciding
from apps.core.web.decisions import attempt
from apps.core.web.filters import PortalFilter
from apps.core.web.membership import viewer_of
from apps.core.web.pages import Page, Tab, Text
from apps.core.web.uploads import tell_too_large

METHODS = ("GET", "HEAD", "POST")
CONFLICT = 409

TabMaker = Callable[[Any, Actor], Tab | None]
"""Makes a tab for a row and its viewer; None where it is not for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowLink:
    """A button of a row that leads to a page elsewhere."""

    label: Text
    href: str


LinkMaker = Callable[[Any, Actor], RowLink | None]
"""Makes a button for a row and its viewer; None where it is not for them."""


class Acting(Deciding):
    """Mixed into ScopedAdmin. `more_tabs` and `more_links` come from apps above; the tabs
    follow the first one."""

    more_tabs: ClassVar[tuple[TabMaker, ...]] = ()
    more_links: ClassVar[tuple[LinkMaker, ...]] = ()
    list_filter: Any = ()

    @classmethod
    def extend(
        cls,
        *,
        action_pages: Sequence[ActionPage] = (),
        tabs: Sequence[TabMaker] = (),
        links: Sequence[LinkMaker] = (),
        filters: Sequence[type[PortalFilter]] = (),
    ) -> None:
        """Add to a list and its pages from an app above; called in its `admin.py`."""
        cls.action_pages = (*cls.action_pages, *action_pages)
        cls.more_tabs = (*cls.more_tabs, *tabs)
        cls.more_links = (*cls.more_links, *links)
        cls.list_filter = (*cls.list_filter, *filters)

    def links_of(self, found: Any, viewer: Actor) -> tuple[RowLink, ...]:
        """Return the buttons that lead elsewhere."""
        made = (maker(found, viewer) for maker in self.more_links)
        return tuple(link for link in made if link is not None)

    def action_urls(self) -> list[URLPattern]:
        """The addresses of the action pages."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path(
                f"<str:object_id>/{action.key}/",
                self.admin_site.admin_view(partial(self.action_view, action=action)),
                name=f"{name}_{action.key.replace('-', '_')}",
            )
            for action in self.action_pages
        ]

    def page(self, found: Any, viewer: Actor) -> Page:
        raise NotImplementedError

    def shown_page(self, found: Any, viewer: Actor) -> Page:
        """The row's page with the tabs of the apps above."""
        page = self.page(found, viewer)
        made = tuple(tab for maker in self.more_tabs if (tab := maker(found, viewer)) is not None)
        return replace(page, tabs=(*page.tabs[:1], *made, *page.tabs[1:])) if made else page

    def action_view(self, request: HttpRequest, object_id: str, action: ActionPage) -> HttpResponse:
        """Ask (GET) or act (POST)."""
        found, viewer = self.visible_row(request, object_id), viewer_of(request)
        if not action.may(found, viewer):
            raise PermissionDenied
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        if action.fresh and action.fits(found) and not freshness.is_fresh(request):
            return freshness.ask(request)
        if request.method == "POST":
            return self._act(request, object_id, found, action)
        if not action.fits(found):
            return Redirect(self.address_of(object_id))
        return self._ask(request, found, action, action.bound(found, viewer))

    def _act(
        self, request: HttpRequest, object_id: str, found: Any, action: ActionPage
    ) -> HttpResponse:
        viewer = viewer_of(request)
        if not action.fits(found):
            return self.detail(request, found, refused=[str(action.late)], status=CONFLICT)
        form = action.bound(found, viewer, request.POST, request.FILES)
        tell_too_large(request, form)
        name, made = action.name(found), list[object]()
        status = attempt(
            form, lambda: made.append(action.perform(viewer, found, form)), action.fields
        )
        if status is not None:
            return self._ask(request, self.visible_row(request, object_id), action, form, status)
        return self.answer(request, object_id, action.done % {"name": name}, made[0])

    def answer(
        self, request: HttpRequest, object_id: str, done: Text, made: object
    ) -> HttpResponse:
        """Answer a press that was done; `made` is what the action's `run` returned."""
        messages.success(request, str(done))
        leads = made if isinstance(made, str) else ""
        return Redirect(leads or self._address_after(request, object_id))

    def _address_after(self, request: HttpRequest, object_id: str) -> str:
        """Return the row's page; the list where the row is gone."""
        if self.get_object(request, object_id) is not None:
            return self.address_of(object_id)
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def _ask(
        self,
        request: HttpRequest,
        found: Any,
        action: ActionPage,
        form: ActionForm,
        status: int = 200,
    ) -> HttpResponse:
        page = self.page(found, viewer_of(request))
        return self.show(
            request,
            "portal/action_page.html",
            page,
            page.heading,
            status=status,
            action=action,
            card={"facts": action.facts(found)},
            follows=action.follows(found),
            form=form,
            address=self.address_of(str(getattr(found, self.url_field))),
        )
