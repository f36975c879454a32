"""What the second person of the operator does in the portal: confirm a root's fingerprint.

OPCP has no operation for it. So this logs in as a person does and sends the form of the portal's
page, with nothing but HTTP.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import httpx

from apps.demo.lifecycle.backends import StepFailed

_TOKEN: Final = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_ROOT: Final = re.compile(r'href="(/roots/[0-9a-f-]{36}/)')


def confirm(ecosystem: Mapping[str, Any], fingerprint: str, *, http: httpx.Client) -> None:
    """Confirm the waiting root with this SHA-256 (hex) as the last person of the operator.

    The portal does not show the fingerprint of a root that waits; it takes it for one root only.
    """
    operator = next(one for one in ecosystem["organizations"] if "OPERATOR" in one["roles"])
    http.cookies.clear()
    person = operator["users"][-1]
    _send(http, "/login/", username=person["username"], password=person["password"])
    waiting = http.get("/roots/", params={"state": "submitted"}).text
    for page in dict.fromkeys(_ROOT.findall(waiting)):
        if _send(http, page, "trust/", fingerprint=fingerprint) == httpx.codes.FOUND:
            return
    raise StepFailed("No root that waits has this fingerprint.")


def _send(http: httpx.Client, page: str, button: str = "", **typed: str) -> int:
    """Open the page and send its form; return the status of the answer."""
    token = _TOKEN.search(http.get(page).text)
    if token is None:
        raise StepFailed(f"There is no form on {page}.")
    return http.post(page + button, data={"csrfmiddlewaretoken": token[1], **typed}).status_code
