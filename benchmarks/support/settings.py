"""Settings of a benchmark: those of a test, on a database that BENCH_DATABASE names.

BENCH_CACHE is the URL of a Valkey, if the benchmark has one, BENCH_BROKER the same for Celery;
BENCH_PROXIES is how many entries of X-Forwarded-For count.
"""

from config.logs import logging_config
from config.settings.base import database, env
from config.settings.test import *  # noqa: F403  settings are modules

_named = env("BENCH_DATABASE")
DATABASES = {"default": database(_named if "://" in _named else f"sqlite:///{_named}")}
if env("BENCH_CACHE", default=""):
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": env("BENCH_CACHE"),
        }
    }
CELERY_BROKER_URL = env("BENCH_BROKER", default="memory://")
TRUSTED_PROXIES = env.int("BENCH_PROXIES", default=0)
ROOT_URLCONF = "benchmarks.support.urls"
LOGGING = logging_config(level="WARNING", as_json=True)
STATUS_REUSE_S = 86_400  # the status services of the made-up car makers do not exist
