"""Settings of the people's portal: unfold, languages, and what a browser may load."""

from typing import Any

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

LANGUAGES = [("en", "English"), ("de", "Deutsch")]
FORMAT_MODULE_PATH = "config.formats"

LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
LOGOUT_REDIRECT_URL = "admin:login"
CSRF_FAILURE_VIEW = "apps.portal.views.errors.csrf_failure"

# --- logging in (django-allauth; its own addresses are not mounted, see apps.portal.login.urls) ---
SECOND_FACTOR = "required"
"""`required`: of operators, and of whoever opens what asks again; `off`: of nobody (the demo)."""
FRESH_S = 600
"""How long a second factor that was given again counts for pages and buttons that ask again."""
ACCOUNT_ADAPTER = "apps.portal.login.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # people are invited to an address, they do not claim one
MFA_ADAPTER = "apps.portal.login.adapters.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Plugpool"
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODE_COUNT = 10
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_FORMS = {
    "authenticate": "apps.portal.login.forms.CodeForm",
    "reauthenticate": "apps.portal.login.forms.CodeAgainForm",
    "authenticate_webauthn": "apps.portal.login.forms.PasskeyForm",
    "activate_totp": "apps.portal.login.forms.AuthenticatorAppForm",
    "add_webauthn": "apps.portal.login.forms.AddPasskeyForm",
    "edit_webauthn": "apps.portal.login.forms.PasskeyNameForm",
}
SOCIALACCOUNT_ADAPTER = "apps.portal.login.adapters.OidcAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form may post to ourselves alone, so it is a link
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5

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
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": False,
    "ENVIRONMENT": "apps.portal.site.environment",
    "LOGIN": {"form": "apps.portal.login.forms.LoginForm"},
    "ACCOUNT": {
        "navigation": [{"title": _("Account and security"), "link": "/account/"}],
    },
    "STYLES": [
        _file("portal.css"),
        _file("search.css"),
        _file("account.css"),
        _file("oem.css"),
        _file("cpo.css"),
        _file("mo.css"),
        _file("operator.css"),
        _file("pictures.css"),
    ],
    "SCRIPTS": [
        _file("theme.js"),
        _file("portal.js"),
        _file("search.js"),
        _file("oem.js"),
        _file("rescue.js"),
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


def oidc_provider(
    *, issuer: str, name: str, client_id: str, secret: str, trusts_email: bool
) -> dict[str, object]:
    """Return allauth's form of the one OpenID provider, with PKCE."""
    app = {
        "provider_id": "oidc",
        "name": name,
        "client_id": client_id,
        "secret": secret,
        "settings": {"server_url": issuer, "oauth_pkce_enabled": True},
    }
    return {"openid_connect": {"APPS": [app], "VERIFIED_EMAIL": trusts_email}}
