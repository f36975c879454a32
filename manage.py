#!/usr/bin/env python
"""Django's command line. Without DJANGO_SETTINGS_MODULE it means production, which fails closed."""

import os
import sys
import uuid


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415  settings first
    from django.core.management import execute_from_command_line  # noqa: PLC0415  settings first
    from structlog.contextvars import bind_contextvars  # noqa: PLC0415  settings first

    bind_contextvars(request_id=str(uuid.uuid4()), command=sys.argv[1] if sys.argv[1:] else "")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Error: {error}")  # the sentence says it; the way there does not help


if __name__ == "__main__":
    main()
