"""Headers, settings and templates of the site."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import unfold
from django.conf import settings
from django.contrib import admin
from django.contrib.staticfiles import finders
from django.test import Client, RequestFactory
from django.utils.module_loading import import_string

from apps.portal.site import PortalSite
from apps.portal.views import errors
from tests.portal.conftest import Browser
from tests.portal.world import World

POLICY = {
    "default-src": "'none'",
    "script-src": "'self' 'unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}
OVERRIDDEN = {
    "admin/base.html": "2ce9250b3c649e3a1d3c7ea52308a285",
    "unfold/helpers/change_list_headers.html": "fe918b6eb4eece6968c1fc9d6c21236c",
    "unfold/helpers/change_list_filter_actions.html": "fea88b860b61008c8dc3993e9f222a0a",
    "unfold/helpers/empty_results.html": "5f4727a37a99da76e245048c8c7d7307",
    "unfold/helpers/header.html": "d30d2ed9f06b45f3e06e2739233ee85d",
    "unfold/helpers/label.html": "6a21864c34311f1899cde9881b3970ae",
    "unfold/helpers/welcomemsg.html": "e8eab02522ba2319b937086bbcb6bf2a",
}
"""Templates of unfold that ours replace, with what the SHA-256 of the replaced begins with."""


def dotted(value: Any) -> Iterator[str]:
    """Every string of a settings tree that reads like the path of a function."""
    if isinstance(value, str) and re.fullmatch(r"(apps|config)(\.\w+)+", value):
        yield value
    for part in value.values() if isinstance(value, dict) else ():
        yield from dotted(part)
    for part in value if isinstance(value, list | tuple) else ():
        yield from dotted(part)


def test_the_default_site_is_the_portal() -> None:
    assert isinstance(admin.site, PortalSite)


def test_every_callback_of_the_unfold_settings_exists() -> None:
    found = list(dotted(settings.UNFOLD))
    assert len(found) >= 5
    for path in found:
        assert callable(import_string(path))


@pytest.mark.one_database
def test_pages_carry_the_policy_and_the_other_headers(ecosystem: World, browser: Browser) -> None:
    answer = browser(ecosystem.operator).get("/")
    policy = answer.headers["Content-Security-Policy"]
    given = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert given == POLICY
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/v1/no-such", "/oauth/no-such", "/.well-known/no-such"])
def test_machines_get_the_narrowest_policy_and_errors_they_can_read(
    client: Client, path: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
    assert set(answer.json()) == {"errorMessages", "traceId"}


@pytest.mark.one_database
def test_no_page_names_another_host_or_has_a_script_in_it(
    ecosystem: World, browser: Browser
) -> None:
    client = browser(ecosystem.operator)
    admins: list[Any] = list(admin.site._registry.values())
    lists = [f"/{model_admin.slug}/" for model_admin in admins]
    paths = ["/", "/account/", "/account/password/", *lists]
    anonymous = Client()
    pages = [client.get(path).content.decode() for path in paths]
    pages += [anonymous.get("/login/").content.decode(), anonymous.get("/none").content.decode()]
    for page in pages:
        assert 'content="NONE,NOARCHIVE"' in page
        assert not re.search(r'(src|href|action|hx-\w+)="(https?:)?//', page)
        for script in re.findall(r"<script[^>]*>", page):
            assert 'src="/' in script
        assert not re.search(r"<[^>]+\son\w+=", page)


def test_own_files_name_no_other_host() -> None:
    for name in ("portal.css", "portal.js", "theme.js"):
        path = finders.find(f"portal/{name}")
        assert isinstance(path, str)
        assert not re.search(r"https?://", Path(path).read_text("utf-8"))


def test_english_dates_are_not_american(ecosystem: World, browser: Browser) -> None:
    client = browser(ecosystem.operator)
    page = client.get("/audit/", headers={"Accept-Language": "en-US"}).content.decode()
    assert 'lang="en"' in page
    assert re.search(r"\d{1,2} [A-Z][a-z]{2} \d{4}, \d{2}:\d{2}", page)
    assert "a.m." not in page
    assert "p.m." not in page


def test_a_failing_page_tells_nothing_but_that_it_failed() -> None:
    answer = errors.server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert b"Something went wrong on our side" in answer.content  # type: ignore[attr-defined]  # a page
    machine = errors.server_error(RequestFactory().get("/v1/x"))
    assert machine.headers["Content-Type"] == "application/json"


def test_a_form_without_its_token_is_refused_with_a_way_out() -> None:
    answer = Client(enforce_csrf_checks=True).post("/login/", {"username": "a"})
    assert answer.status_code == 403
    assert "This page was open for too long" in answer.content.decode()


@pytest.mark.parametrize("name", sorted(OVERRIDDEN))
def test_an_overridden_template_is_the_one_that_was_replaced(name: str) -> None:
    """After an upgrade of unfold: look at what changed there, merge it, record the new hash."""
    path = Path(unfold.__file__).parent / "templates" / name
    assert hashlib.sha256(path.read_bytes()).hexdigest()[:32] == OVERRIDDEN[name]


def test_every_overridden_template_is_recorded() -> None:
    upstream = Path(unfold.__file__).parent / "templates"
    ours = Path(settings.BASE_DIR) / "templates"
    replaced = {
        str(path.relative_to(ours))
        for path in ours.rglob("*.html")
        if (upstream / path.relative_to(ours)).exists()
    }
    assert replaced == set(OVERRIDDEN)
