"""Settings of the people's portal: unfold, languages, and what a browser may load."""

from typing import Any

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

LANGUAGES = [("en", "English")]
"""A language stands here when its catalogue is complete, never half of it."""
FORMAT_MODULE_PATH = "config.formats"

LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
LOGOUT_REDIRECT_URL = "admin:login"
CSRF_FAILURE_VIEW = "apps.portal.views.errors.csrf_failure"

# Unfold's Alpine evaluates expressions and sets style attributes; nothing wider than that.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, UNSAFE_EVAL],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

_PRIMARY = "#effafa #d6f1f1 #aee2e3 #7accd0 #43adb4 #1f9099 #0b6b72 #0a575e #0c464c #0d3a40 #05252a"
_BASE = "#f7f9fa #eff3f4 #dfe6e8 #c8d2d6 #93a2a9 #62717a #48565e #364249 #232d33 #151d22 #0d1316"
_STEPS = ("50", "100", "200", "300", "400", "500", "600", "700", "800", "900", "950")


def _file(name: str) -> Any:
    return lambda request: static(f"portal/{name}")


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Plugpool",
    "SITE_HEADER": "Plugpool",
    "SITE_SUBHEADER": "apps.portal.site.organization_name",
    "SITE_DROPDOWN": "apps.portal.site.organizations_to_switch_to",
    "SITE_URL": None,
    "SITE_ICON": _file("mark.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _file("favicon.svg")}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": False,
    "SHOW_BACK_BUTTON": False,
    "ENVIRONMENT": "apps.portal.site.environment",
    "LOGIN": {"form": "apps.portal.forms.LoginForm"},
    "ACCOUNT": {
        "navigation": [{"title": _("Change password"), "link": "/password_change/"}],
    },
    "STYLES": [_file("portal.css"), _file("search.css"), _file("oem.css"), _file("mo.css")],
    "SCRIPTS": [
        _file("theme.js"),
        _file("portal.js"),
        _file("search.js"),
        _file("oem.js"),
        _file("mo.js"),
    ],
    "BORDER_RADIUS": "8px",
    "COLORS": {
        "primary": dict(zip(_STEPS, _PRIMARY.split(), strict=True)),
        "base": dict(zip(_STEPS, _BASE.split(), strict=True)),
        "font": {
            "subtle-light": "#54636b",
            "subtle-dark": "#9fb0b7",
            "default-light": "#3b4850",
            "default-dark": "#c6d1d5",
            "important-light": "#10191d",
            "important-dark": "#f1f5f6",
        },
    },
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": "apps.portal.site.sidebar",
    },
}
