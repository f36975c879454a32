"""Workflows: a party's own pages in the portal, beside the lists of rows.

An app registers a workflow in its `admin.py`; the site mounts the steps below its slug and puts it
in the menu. Role, right and method are asked here for every step; a step's view reads the request,
calls one selector or service, and shows a template.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from apps.core.actor import Right, Role
from apps.core.web import freshness
from apps.core.web.membership import viewer_of
from apps.core.web.navigation import Entry, Group, Text
from apps.core.web.uploads import Allowance

READING: Final = frozenset({"GET", "HEAD"})
BOTH: Final = READING | {"POST"}

View = Callable[..., HttpResponseBase]
"""Called with the request, the viewer (an Actor), and what the address carries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One page: `path` below the workflow, `name` in the site, the least right that opens it.

    `uploads` is what its requests may bring, where that is more than usual. With `fresh` the
    person proves the second factor again before the page opens, see `freshness`.
    """

    path: str
    name: str
    view: View
    right: Right = Right.EDITOR
    methods: frozenset[str] = BOTH
    uploads: Allowance | None = None
    fresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """Pages that belong together, for some roles. The first step is where the menu leads.

    Other pages lead to a workflow that is not `in_menu`; one that is `prominent` is what its roles
    come for, and a button of their first page.
    """

    slug: str
    title: Text
    icon: str
    roles: frozenset[Role]
    steps: tuple[Step, ...]
    group: Group = Group.DAILY
    order: int = 50
    in_menu: bool = True
    prominent: bool = False

    @property
    def entry(self) -> Entry:
        """The workflow's line in the menu."""
        first = self.steps[0]
        return Entry(
            title=self.title,
            icon=self.icon,
            url=f"admin:{first.name}",
            roles=self.roles,
            right=first.right,
            group=self.group,
            order=self.order,
        )

    def urls(self) -> list[URLPattern]:
        """Return the addresses of the steps, each behind the site's own log-in check."""
        return [path(step.path, self._mounted(step), name=step.name) for step in self.steps]

    def _mounted(self, step: Step) -> View:
        mounted: Any = admin.site.admin_view(self._guarded(step))
        mounted.uploads = step.uploads  # read before the fields are: `core.web.uploads`
        return cast("View", mounted)

    def _guarded(self, step: Step) -> View:
        def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            viewer = viewer_of(request)
            if not self.roles & viewer.roles or not viewer.right.includes(step.right):
                raise PermissionDenied
            if request.method not in step.methods:
                return HttpResponseNotAllowed(sorted(step.methods))
            if step.fresh and not freshness.is_fresh(request):
                return freshness.ask(request)
            return step.view(request, viewer, **kwargs)

        return guarded


_registered: dict[str, Workflow] = {}


def register(workflow: Workflow) -> Workflow:
    """Put a workflow into the site. Raises ValueError where its slug is taken."""
    if _registered.setdefault(workflow.slug, workflow) is not workflow:
        raise ValueError(f"{workflow.slug} is another workflow's slug")
    return workflow


def registered() -> tuple[Workflow, ...]:
    """Return the workflows of all apps."""
    return tuple(_registered.values())


def show(
    request: HttpRequest, template: str, *, title: Text, status: int = 200, **context: Any
) -> TemplateResponse:
    """Show a page of the site. Templates extend `portal/workflow.html`."""
    request.current_app = admin.site.name
    found = {**admin.site.each_context(request), "title": title, **context}
    return TemplateResponse(request, template, found, status=status)
