"""The WSGI entry point: `granian --interface wsgi config.wsgi:application`."""

import os
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def with_length(inner: Wsgi) -> Wsgi:
    """Give bodies that came in chunks the length that Django reads by.

    WSGI has no length for `Transfer-Encoding: chunked`, and Django takes that for an empty body;
    many HTTP clients of backends stream. At most one octet more than DATA_UPLOAD_MAX_MEMORY_SIZE
    is read, with which the body counts as too large.
    """
    from django.conf import settings  # noqa: PLC0415  after the settings module is chosen

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
        if chunked and not environ.get("CONTENT_LENGTH"):
            body = environ["wsgi.input"].read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
            environ["CONTENT_LENGTH"] = str(len(body))
            environ["wsgi.input"] = BytesIO(body)
        return inner(environ, start_response)

    return application


application = with_length(get_wsgi_application())
