"""Checks of a deployment: `manage.py check --deploy --database default`."""

from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.module_loading import import_string

from apps.audit import guards

WANTED: Final = (CsrfViewMiddleware, XFrameOptionsMiddleware)


@register(Tags.security, deploy=True)
def middleware_is_there(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Look for what Django's own check knows by one name only: a subclass serves as well."""
    used = [import_string(path) for path in settings.MIDDLEWARE]
    missing = [
        wanted.__name__
        for wanted in WANTED
        if not any(isinstance(one, type) and issubclass(one, wanted) for one in used)
    ]
    return [Error(f"MIDDLEWARE has no {name}.", id="plugpool.E001") for name in missing]


@register(Tags.database, deploy=True)
def audit_trail_is_guarded(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Look whether the database refuses to change the audit trail."""
    return [
        checks.Warning(f"The trigger {name} is not there or switched off.", id="plugpool.W001")
        for alias in databases or ()
        for name in guards.missing(connections[alias])
    ]
