"""The web server while the demo ecosystem is being built: only the sandbox answers.

The demo car maker's CRL and OCSP must be reachable while its vehicles are published; everything
else says 503, so that nobody takes a half-built ecosystem for the whole.
"""

from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse

from django.core.wsgi import get_wsgi_application

whole = get_wsgi_application()
NOT_YET = b"The demo ecosystem is being built; this takes about a minute.\n"


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """The WSGI entry point during the first start."""
    if str(environ.get("PATH_INFO", "")).startswith("/sandbox/"):
        answer: Iterable[bytes] = whole(environ, start_response)
        return answer
    start_response(
        "503 Service Unavailable", [("Content-Type", "text/plain"), ("Retry-After", "5")]
    )
    return [NOT_YET]
