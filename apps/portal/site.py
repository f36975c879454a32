"""The portal: one admin site for all parties. The role decides what a person finds in it."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from apps.core.actor import Role
from apps.core.web import workflows
from apps.core.web.membership import membership_of, viewer_of
from apps.core.web.navigation import Entry, menu

View = Callable[..., HttpResponseBase]
HOME = Entry(
    title=_("Overview"), icon="space_dashboard", url="admin:index", roles=frozenset(Role), order=0
)
KEPT_URLS = {"index", "login", "jsi18n"}
"""Of the library's addresses. Others resolve or list rows of any model without asking for whom."""


class PortalSite(UnfoldAdminSite):  # type: ignore[misc]  # unfold has no types
    """Open to members of an organisation; each page asks for the role again."""

    index_title = _("Overview")
    enable_nav_sidebar = True
    final_catch_all_view = False

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and membership_of(request))

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Open a page to members; to operators only once they have a second factor."""
        from apps.portal.login.factors import must_set_up  # noqa: PLC0415  needs the loaded apps

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if must_set_up(request):
                return HttpResponseRedirect(_set_up_first(request))
            return view(request, *args, **kwargs)

        return self._entered(super().admin_view(guarded, cacheable))

    def account_view(self, view: View) -> View:
        """Open a page of the person's own account, second factor or not."""
        return self._entered(super().admin_view(view))

    def _entered(self, view: View) -> View:
        """Lead a form whose session ended through the log-in and back to the page it stood on."""

        @wraps(view)
        def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method == "POST" and not self.has_permission(request):
                return redirect_to_login(_came_from(request), reverse("admin:login"))
            return view(request, *args, **kwargs)

        return entered

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        """Log a person in, by the stages of `apps.portal.login`."""
        from apps.portal.login.entry import entrance  # noqa: PLC0415  needs the loaded apps

        if request.method == "GET" and self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        request.current_app = self.name
        return entrance(
            request, {**self.each_context(request), "app_path": request.get_full_path()}
        )

    def get_urls(self) -> list[URLPattern | URLResolver]:
        from apps.portal.login.account import password  # noqa: PLC0415  views need the loaded apps
        from apps.portal.login.frame import account_page  # noqa: PLC0415  the same
        from apps.portal.views.search import search  # noqa: PLC0415  views need the loaded apps
        from apps.portal.views.switch import switch  # noqa: PLC0415  the same

        kept = [url for url in super().get_urls() if getattr(url, "name", None) in KEPT_URLS]
        lists = [
            path(f"{model_admin.slug}/", include(model_admin.urls))
            for model_admin in self._registry.values()
        ]
        return [
            *kept,
            path("logout/", self.account_view(self.logout), name="logout"),
            path(
                "account/password/",
                account_page(password, _("Change password")),
                name="password_change",
            ),
            path("switch/", self.admin_view(switch), name="switch"),
            path("search/", self.admin_view(search), name="search"),
            path("apps/<str:app_label>/", self.admin_view(self.app_index), name="app_list"),
            *(path(f"{one.slug}/", include(one.urls())) for one in workflows.registered()),
            *lists,
        ]

    def index(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        from apps.portal.dashboard import dashboard  # noqa: PLC0415  selectors need the loaded apps

        membership = membership_of(request)
        assert membership is not None  # noqa: S101  admin_view asked has_permission
        context = {
            **self.each_context(request),
            "title": self.index_title,
            "dashboard": dashboard(membership),
        }
        request.current_app = self.name
        return TemplateResponse(request, "portal/dashboard.html", context)

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: Any = None
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:index"))

    def entries(self) -> list[Entry]:
        """Return every entry of the menu, whoever looks."""
        lists = (model_admin.entry for model_admin in self._registry.values())
        listed = (one.entry for one in workflows.registered() if one.in_menu)
        return [HOME, *listed, *lists]


def _came_from(request: HttpRequest) -> str:
    """Return the page that the form stood on: the address of a press may answer no GET."""
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()):
        return request.get_full_path()
    return urlunsplit(("", "", *urlsplit(page)[2:4], ""))


def _set_up_first(request: HttpRequest) -> str:
    address = request.get_full_path() if request.method == "GET" else reverse("admin:index")
    return f"{reverse('account_second_factor')}?{urlencode({'next': address}, safe='/')}"


# --- callbacks that the UNFOLD settings name ------------------------------------------------------
def sidebar(request: HttpRequest) -> list[dict[str, object]]:
    return menu(admin.site.entries(), request, viewer_of(request))  # type: ignore[attr-defined]  # PortalSite


def organization_name(request: HttpRequest) -> str:
    membership = membership_of(request)
    return membership.organization.name if membership else ""


def organizations_to_switch_to(request: HttpRequest) -> list[dict[str, Any]]:
    membership = membership_of(request)
    others = membership.others if membership else ()
    address = reverse("admin:switch")
    return [
        {
            "title": choice.name,
            "link": "#",
            "icon": "swap_horiz",
            "attrs": {"hx-post": f"{address}?to={choice.key}", "hx-swap": "none"},
        }
        for choice in others
    ]


def environment(request: HttpRequest) -> list[Any] | None:
    return [_("Test system"), "warning"] if settings.SANDBOX else None
