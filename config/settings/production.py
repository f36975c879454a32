"""Production: every secret from the environment, https only, hosts named. Fails closed."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from apps.core.secret_keys import secret_keys
from config.logs import logging_config
from config.settings.base import *  # noqa: F403  settings are modules
from config.settings.base import OIDC_ISSUER, database, env

SECRET_KEY = env("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
PUBLIC_URL = env("PUBLIC_URL")
DATABASES = {"default": database(env("DATABASE_URL"))}
CELERY_BROKER_URL = env("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env("REDIS_URL"),
    }
}
VAULT_KEYS = env.list("VAULT_KEYS")
AUDIT_KEYS = env.list("AUDIT_KEYS")

SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz(/web)?$", r"^pki/"]  # OCSP, CRL: see STATUS_URL
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
LOGGING = logging_config(level=env("LOG_LEVEL", default="INFO"), as_json=True)

if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY must have at least 50 characters.")
if not urlsplit(PUBLIC_URL).hostname or not PUBLIC_URL.startswith("https://"):
    raise ImproperlyConfigured("PUBLIC_URL must be https://, then a host.")
if OIDC_ISSUER and not OIDC_ISSUER.startswith("https://"):
    raise ImproperlyConfigured(
        "OIDC_ISSUER must be https://: what it answers carries no signature."
    )
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts.")
for name, value in (("ALLOWED_HOSTS", ALLOWED_HOSTS), ("REDIS_URL", CELERY_BROKER_URL)):
    if not value:
        raise ImproperlyConfigured(f"{name} is empty.")
secret_keys(VAULT_KEYS, "VAULT_KEYS")
secret_keys(AUDIT_KEYS, "AUDIT_KEYS")
for name in ("SANDBOX", "DEMO", "HTTP_SANDBOX_TARGETS", "SECOND_FACTOR"):
    if env(name, default=""):
        raise ImproperlyConfigured(f"{name} has no place in production.")
