"""The one base class of the portal's lists and detail pages: read-only, and closed by default.

Unfold and Django take for granted that who may open a list may see all of it. Here rows come from
the app's selector alone (`visible_to`), a foreign row and an unknown one answer alike, and every
parameter that a list does not offer is refused.
"""

from typing import Any, ClassVar

from django import forms
from django.contrib.admin import ShowFacets
from django.contrib.admin.options import IS_FACETS_VAR, IS_POPUP_VAR, TO_FIELD_VAR
from django.contrib.admin.views.main import ALL_VAR, ERROR_FLAG, ORDER_VAR
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from unfold.admin import ModelAdmin

from apps.core.actor import Actor, Role
from apps.core.web.acting import Acting
from apps.core.web.display import EMPTY
from apps.core.web.exporting import Exporting
from apps.core.web.membership import membership_of, viewer_of
from apps.core.web.navigation import Entry, Group, Text
from apps.core.web.pages import Page
from apps.core.web.paging import CappedPaginator, PortalChangeList

EVERYBODY = frozenset(Role)
OPERATOR = frozenset({Role.OPERATOR})
MAX_SEARCH = 100
REFUSED_PARAMETERS = {ALL_VAR, IS_POPUP_VAR, TO_FIELD_VAR, IS_FACETS_VAR}


class ScopedAdmin(Acting, Exporting, ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """A list and its detail pages for some roles. A subclass names rows, columns and the page.

    `slug` is where the list is below the root of the site.
    `search_fields` are whole lookups (prefix only); `search_upper` removes the separators of
    identifiers. `found_by` are indexed fields with octets (`fingerprint`, `serial`) that the search
    of the portal finds rows by. `operator_columns` follow the first column for the operator.
    """

    slug: ClassVar[str] = ""
    roles: ClassVar[frozenset[Role]] = frozenset()
    menu_title: ClassVar[Text] = ""
    menu_icon: ClassVar[str] = "list"
    menu_group: ClassVar[Group] = Group.DAILY
    menu_order: ClassVar[int] = 50
    empty_text: ClassVar[Text] = ""
    url_field: ClassVar[str] = "pk"
    search_upper: ClassVar[bool] = False
    found_by: ClassVar[frozenset[str]] = frozenset()
    operator_columns: ClassVar[tuple[str, ...]] = ()

    ordering: tuple[str, ...] = ("-pk",)
    actions = None
    sortable_by: tuple[str, ...] = ()
    show_facets = ShowFacets.NEVER
    show_full_result_count = False
    list_max_show_all = 0
    list_per_page = 50
    list_filter_submit = True
    list_fullwidth = True
    paginator = CappedPaginator
    preserve_filters = False
    view_on_site = False
    empty_value_display = EMPTY
    change_form_template = "portal/detail.html"
    list_before_template = "portal/list_links.html"

    def visible_to(self, viewer: Actor) -> Any:
        """Return the rows that the viewer may see: the app's selector says which."""
        raise NotImplementedError

    def name_of(self, found: Any) -> str:
        """What a row is called where the search finds it."""
        return str(found)

    def page(self, found: Any, viewer: Actor) -> Page:
        """Describe the detail page of one visible row."""
        raise NotImplementedError

    # --- what may be seen ---------------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> Any:
        membership = membership_of(request)
        if membership is None:
            return self.model.objects.none()
        return self.visible_to(membership.actor).order_by(*self.ordering)

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """Return a visible row or None: a foreign id is as unknown as a wrong one."""
        rows = self.get_queryset(request)
        try:
            return rows.get(**{self.url_field: object_id})
        except (self.model.DoesNotExist, ValueError, ValidationError):
            return None

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        membership = membership_of(request)
        return membership is not None and bool(membership.actor.roles & self.roles)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Allow the parameters of the list's own filters, nothing else."""
        return any(lookup in offered.parameters for offered in self.list_filter)

    # --- where it may be seen -----------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        """The list and its pages; none of the addresses that the library would add."""
        name, shown = f"{self.opts.app_label}_{self.opts.model_name}", self.admin_site.admin_view
        return [
            path("", shown(self.changelist_view), name=f"{name}_changelist"),
            path("export.csv", shown(self.export_view), name=f"{name}_export"),
            path("export.jsonl", shown(self.lines_view)),
            *self.extra_urls(),
            path("<str:object_id>/", shown(self.changeform_view), name=f"{name}_change"),
            path("<str:object_id>/download/<slug:form>/", shown(self.download_view)),
            *self.action_urls(),
            path("<str:object_id>/<slug:key>/", shown(self.decision_view), name=f"{name}_decision"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        self._require_reading(request)
        refused = REFUSED_PARAMETERS if self.sortable_by else {ORDER_VAR, *REFUSED_PARAMETERS}
        if refused & request.GET.keys():
            raise Http404
        if ERROR_FLAG in request.GET:
            return HttpResponseRedirect(request.path)
        links = self.list_links(viewer_of(request))
        context = {"title": self.heading, "list_links": links, **(extra_context or {})}
        if self.export_columns:
            context["export"] = f"{request.path}export.csv?{request.GET.urlencode()}"
        if type(self).export_line:
            context["export_lines"] = f"{request.path}export.jsonl?{request.GET.urlencode()}"
        response: HttpResponse = super().changelist_view(request, context)
        return response

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        self._require_reading(request)
        found = self.visible_row(request, object_id or "")
        return self.detail(request, found)

    def download_view(self, request: HttpRequest, object_id: str, form: str) -> HttpResponse:
        """The certificate of a page as a file."""
        self._require_reading(request)
        files = self.page(self.visible_row(request, object_id), viewer_of(request)).files
        found = files.download(form) if files else None
        if found is None:
            raise Http404
        return found

    def _require_reading(self, request: HttpRequest) -> None:
        if request.method not in {"GET", "HEAD"} or not self.has_view_permission(request):
            raise PermissionDenied

    # --- how it is listed ---------------------------------------------------------------------
    @property
    def heading(self) -> Text:
        """What the list is called in menu, title and breadcrumb."""
        return self.menu_title or self.opts.verbose_name_plural

    @property
    def entry(self) -> Entry:
        """The list's line in the menu."""
        return Entry(
            title=self.heading,
            icon=self.menu_icon,
            url=f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist",
            roles=self.roles,
            group=self.menu_group,
            order=self.menu_order,
        )

    @property
    def media(self) -> forms.Media:
        """No script of Django's admin: there is no form to serve."""
        return forms.Media()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[PortalChangeList]:
        return PortalChangeList

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        columns = tuple(self.list_display)
        if viewer_of(request).has(Role.OPERATOR):
            return columns[:1] + self.operator_columns + columns[1:]
        return columns

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """Search by prefix; the term is one, spaces included."""
        term = search_term.strip()[:MAX_SEARCH]
        if self.search_upper:
            term = "".join(character for character in term if character not in " -*").upper()
        if not term:
            return queryset, False
        match = Q()
        for lookup in self.search_fields:
            # As it was typed or in capitals: an index can serve both, but not any mixture.
            for spelling in dict.fromkeys((term, term.upper())):
                match |= Q(**{lookup: spelling})
        return queryset.filter(match), False
