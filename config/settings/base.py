"""What every deployment shares. Values that differ come from the environment.

Secrets have no default here: a deployment that forgets one does not start.
"""

import os
import re
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from config.settings.portal import *  # noqa: F403  settings are modules
from config.settings.portal import oidc_provider

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = Path(env("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()

DEBUG = False
SANDBOX = False
"""True only where private HTTP targets, the demo and skipped revocations may exist."""

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE_DIR / "locale"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "apps.portal",  # before unfold, whose templates it overrides
    "unfold.apps.BasicAppConfig",  # the default one puts unfold's own site in place of ours
    "unfold.contrib.forms",
    "config.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "guardian",
    "oauth2_provider",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "django_htmx",
    "django_structlog",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "apps.core",
    "apps.keys",
    "apps.audit",
    "apps.participants",
    "apps.jobs",
    "apps.events",
    "apps.pki",
    "apps.root_pool",
    "apps.provisioning_pool",
    "apps.contract_pool",
    "apps.provisioning_service",
    "apps.oem",
    "apps.mo",
    "apps.cpo",
    "apps.operator",
]

MIDDLEWARE = [
    "config.middleware.Measured",
    "config.middleware.Logged",
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.WithoutNul",
    "config.middleware.StaticFiles",
    "config.middleware.ContentSecurityPolicy",
    "config.middleware.Sessions",
    "config.middleware.Locale",
    "config.middleware.Uploads",
    "config.middleware.Csrf",
    "config.middleware.Authentication",
    "config.middleware.Memberships",
    "config.middleware.Refusals",
    "config.middleware.Preferences",
    "allauth.account.middleware.AccountMiddleware",
    "config.middleware.Messages",
    "config.middleware.Htmx",
    "config.middleware.FrameOptions",
]
"""Those of `config.middleware` step aside on MACHINE_ROUTES: no session, no cookies there."""
SILENCED_SYSTEM_CHECKS = ["security.W002", "security.W003"]
"""Both look for Django's own middleware by its name; `config.checks` looks for subclasses too."""

MACHINE_ROUTES = (
    "/v1/",
    "/cps/",
    "/oauth/",
    "/.well-known/",
    "/est/",
    "/pki/",
    "/sandbox/",
    "/livez",
    "/readyz",
    "/metrics",
)
MACHINE_PATHS = re.compile(
    r"/(\w+-)?(mo|emsp|cpo|oem|cps|veh)/(\.well-known/est/)?"
    r"(simpleenroll|simplereenroll|cacerts|csrattrs)(/.*)?"
)
"""EST with the label first, as some clients call it; full match."""

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- people -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "participants.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None  # guardian: nobody has object permissions without logging in
GUARDIAN_MONKEY_PATCH_USER = False
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # people
    "apps.participants.hashers.LongSecretHasher",  # secrets of API clients
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
EMAIL_URL = env("EMAIL_URL", default="")
"""smtp+tls://user:password@mail.example.org:587; without it links are handed over by hand."""
if EMAIL_URL:
    vars().update(env.email_url_config(EMAIL_URL))
EMAIL_TIMEOUT = 20
"""Seconds that a mail server may be silent; workers alone talk to it."""
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="plugpool@localhost")
OIDC_ISSUER = env("OIDC_ISSUER", default="")
"""Address of an OpenID provider whose people may log in; OIDC_CLIENT_ID and OIDC_CLIENT_SECRET
are needed with it, OIDC_NAME is what the button says."""
OIDC_TRUSTS_EMAIL = env.bool("OIDC_TRUSTS_EMAIL", default=False)
"""Whether the provider's addresses count without `email_verified`."""
SOCIALACCOUNT_PROVIDERS: dict[str, object] = {}
if OIDC_ISSUER:
    SOCIALACCOUNT_PROVIDERS = oidc_provider(
        issuer=OIDC_ISSUER,
        name=env("OIDC_NAME", default="OpenID Connect"),
        client_id=env("OIDC_CLIENT_ID"),
        secret=env("OIDC_CLIENT_SECRET"),
        trusts_email=OIDC_TRUSTS_EMAIL,
    )
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

# --- machines ---------------------------------------------------------------------------------
OAUTH2_PROVIDER_APPLICATION_MODEL = "participants.ApiClient"
OAUTH2_PROVIDER = {
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.BackendApplicationServer",
    "OAUTH2_VALIDATOR_CLASS": "apps.participants.oauth.ClientCredentials",
    "ACCESS_TOKEN_GENERATOR": "apps.participants.oauth.access_token",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 86_400,
    "CLIENT_SECRET_HASHER": "sha256_long",
    # client_credentials alone is served, and no table holds a token; the library is told RFC 9700
    # all the same, so that nothing of its other grants is open if it is ever asked for.
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
}
TOKEN_LIFETIME_S = 86_400
API_CLIENT_RECORD_MAX_AGE_S = 5
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
"""How many proxies of ours add to X-Forwarded-For in front of this server."""
STATUS_URL = env("STATUS_URL", default="")
"""Where OCSP and CRLs are read, as certificates say it (http://status.example.org); PUBLIC_URL
without it. Certificates keep what they were issued with."""
CLIENT_CERTIFICATE_PROXIES = env.list("CLIENT_CERTIFICATE_PROXIES", default=[])
"""Networks (10.0.0.0/8, ::1/128) of the proxies that end TLS and say which certificate the caller
showed. They must overwrite CLIENT_CERTIFICATE_HEADER in every request; nobody else may set it."""
CLIENT_CERTIFICATE_HEADER = env("CLIENT_CERTIFICATE_HEADER", default="Client-Cert")
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FILES = 2_000
FILE_UPLOAD_HANDLERS = ["apps.core.web.uploads.MemoryUploads"]  # nothing uploaded touches a disk
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.participants.api.authentication.BearerToken"],
    "DEFAULT_PERMISSION_CLASSES": ["apps.core.api.permissions.HasActor"],
    "DEFAULT_PARSER_CLASSES": ["apps.core.api.parsers.BoundedJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "apps.participants.api.errors.handle",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "apps.core.api.negotiation.AlwaysJSON",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Plugpool",
    "DESCRIPTION": "The open Plug & Charge ecosystem. Speaks OPCP 1.0.",
    "VERSION": "1.0",
    "PREPROCESSING_HOOKS": ["apps.portal.api.document.describe"],
    "POSTPROCESSING_HOOKS": ["apps.portal.api.document.complete"],
}

# --- work in the background -------------------------------------------------------------------
JOB_WORKERS = env.int("JOB_WORKERS", default=os.cpu_count() or 2)
"""Worker processes that one bulk job may take at once: as many as there are on all machines."""
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "config.beat:Scheduler"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
DJANGO_CELERY_BEAT_TZ_AWARE = True

# --- outgoing HTTP (status of foreign certificates, webhooks) ---------------------------------
HTTP_TIMEOUT_S = 5.0
HTTP_SANDBOX_TARGETS: tuple[str, ...] = ()
"""host:port pairs that may be private addresses; only sandbox settings fill it."""

# --- webhooks ---------------------------------------------------------------------------------
WEBHOOK_RETRY_DELAYS_S = env.list("WEBHOOK_RETRY_DELAYS_S", cast=int, default=[3600, 3600, 3600])
"""How long after each failed attempt the next one is made; the list's length is the retries."""
WEBHOOK_ENDPOINTS_MAX = env.int("WEBHOOK_ENDPOINTS_MAX", default=20)
WEBHOOK_RETENTION_DAYS = env.int("WEBHOOK_RETENTION_DAYS", default=30)

# --- audit ------------------------------------------------------------------------------------
AUDIT_RETENTION_DAYS = env.int("AUDIT_RETENTION_DAYS", default=365)
"""How old audit events are at least before `manage.py archive_audit` takes them; never under 31."""

# --- vault ------------------------------------------------------------------------------------
VAULT_SEALS_WITH = env.int("VAULT_SEALS_WITH", default=0)
"""The version of VAULT_KEYS that seals; 0: the highest. Named while a new key is handed round, so
that nobody seals with what another process cannot open yet (docs/operations.md)."""

# --- metrics ----------------------------------------------------------------------------------
METRICS_TOKEN = env("METRICS_TOKEN", default="")
"""The bearer token with which Prometheus may read /metrics."""
METRICS_NETWORKS = env.list("METRICS_NETWORKS", default=[])
"""Networks (10.0.0.0/8, ::1) from which it may be read directly, without a proxy and a token."""

# --- Plug & Charge ----------------------------------------------------------------------------
EMAID_CHECK_DIGIT_REQUIRED = env.bool("EMAID_CHECK_DIGIT_REQUIRED", default=False)
TOKEN_AUDIENCES = env.list("TOKEN_AUDIENCES", default=[])
STATUS_MAX_AGE_DAYS = env.int("STATUS_MAX_AGE_DAYS", default=7)
STATUS_REUSE_S = env.int("STATUS_REUSE_S", default=300)
"""A write takes a stored CRL or OCSP answer that is younger without asking; 0 asks every time."""
STATUS_REFRESH_HOURS = env.int("STATUS_REFRESH_HOURS", default=6)
"""How old stored CRLs and OCSP answers grow before they are fetched again in the background."""


def database(url: str) -> dict[str, object]:
    """Turn DATABASE_URL into Django's form, with what each engine needs to be safe under load."""
    conf: dict[str, object] = env.db_url_config(url)
    if "ENGINE" not in conf:
        raise ImproperlyConfigured("DATABASE_URL is empty or names no database that is known.")
    if "sqlite" in str(conf["ENGINE"]):
        # Opening the file anew would cost every request a millisecond.
        conf["CONN_MAX_AGE"] = 60
        # WAL lets readers go on while one writes; IMMEDIATE takes the write lock at BEGIN, so two
        # writers queue up instead of failing in mid-transaction.
        conf["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;"
            ),
        }
    else:
        given: dict[str, object] = env.db_url_config(url).get("OPTIONS", {})  # ?sslmode=, ?host=
        pool = {"min_size": 1, "max_size": env.int("DATABASE_POOL", default=8)}
        # For `apps.core.statements` alone: all else binds in the client, which prepares nothing.
        prepares = 2 if env.bool("DATABASE_PREPARES", default=True) else None
        conf["OPTIONS"] = {**given, "pool": pool, "prepare_threshold": prepares}
        conf["CONN_MAX_AGE"] = 0
    conf["ATOMIC_REQUESTS"] = False
    return conf
