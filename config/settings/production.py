"""Production: every secret from the environment, https only, hosts named. Fails closed."""

from config.logs import logging_config
from config.settings import refuse
from config.settings.base import *  # noqa: F403  settings are modules
from config.settings.base import (
    CLIENT_CERTIFICATE_PROXIES,
    METRICS_NETWORKS,
    METRICS_TOKEN,
    OIDC_ISSUER,
    VAULT_SEALS_WITH,
    database,
    env,
)

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
if METRICS_NETWORKS:  # Prometheus comes straight to a web server, which speaks http
    SECURE_REDIRECT_EXEMPT.append(r"^metrics$")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
LOGGING = logging_config(level=env("LOG_LEVEL", default="INFO"), as_json=True)

refuse.short_secret("SECRET_KEY", SECRET_KEY, at_least=50)
if METRICS_TOKEN:
    refuse.short_secret("METRICS_TOKEN", METRICS_TOKEN, at_least=32)
refuse.other_than_https("PUBLIC_URL", PUBLIC_URL)
if OIDC_ISSUER:  # what it answers carries no signature
    refuse.other_than_https("OIDC_ISSUER", OIDC_ISSUER)
refuse.open_hosts(ALLOWED_HOSTS, PUBLIC_URL)
refuse.empty("REDIS_URL", CELERY_BROKER_URL)
refuse.weak_keys("VAULT_KEYS", VAULT_KEYS)
refuse.unknown_version("VAULT_SEALS_WITH", VAULT_SEALS_WITH, "VAULT_KEYS", VAULT_KEYS)
refuse.weak_keys("AUDIT_KEYS", AUDIT_KEYS)
refuse.shared_keys("VAULT_KEYS", VAULT_KEYS, "AUDIT_KEYS", AUDIT_KEYS)
refuse.whole_internet("METRICS_NETWORKS", METRICS_NETWORKS)
refuse.whole_internet("CLIENT_CERTIFICATE_PROXIES", CLIENT_CERTIFICATE_PROXIES)
for name in ("SANDBOX", "DEMO", "HTTP_SANDBOX_TARGETS", "SECOND_FACTOR"):
    refuse.given(name, env(name, default=""))
