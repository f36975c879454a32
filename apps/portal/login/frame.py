"""What every page of logging in has: the site's frame, no cache, and who may open it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from apps.core.web.navigation import Text
from apps.portal.login.factors import gave_proof, must_set_up
from apps.portal.login.proof import with_next

View = Callable[..., HttpResponseBase]


def framed(view: View, title: Text) -> View:
    """Put a view of allauth's or ours into the frame of the site."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if isinstance(response, TemplateResponse) and not response.is_rendered:
            request.current_app = admin.site.name
            frame = {**admin.site.each_context(request), "title": title}
            if must_set_up(request):
                frame["is_nav_sidebar_enabled"] = False
            response.context_data = {**frame, **(response.context_data or {})}
        return response

    return shown


def account_page(view: View, title: Text, *, proved: bool = False) -> View:
    """A page of the person's own account; with `proved` only after saying again who it is."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if proved and not gave_proof(request):
            return HttpResponseRedirect(with_next("account_confirm", request.path))
        return view(request, *args, **kwargs)

    site: Any = admin.site
    found: View = site.account_view(framed(opened, title))
    return found
