"""/docs/api: Swagger from our own static files and nothing else."""

import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client


@pytest.fixture(name="page")
def _page() -> str:
    response = Client().get("/docs/api")
    assert response.status_code == 200
    return str(response.content.decode())


def test_nothing_is_loaded_from_another_host_and_no_script_stands_in_the_page(page: str) -> None:
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page)
    assert re.findall(r"<script[^>]*>([^<]*)</script>", page) == ["", ""]
    assert not re.search(r"<style|\son\w+=|style=", page)


def test_what_it_loads_is_there(page: str) -> None:
    loaded = re.findall(r"(?:src|href)=\"/static/([^\"]+)\"", page)
    assert len(loaded) == 4
    for each in loaded:
        assert finders.find(each), each


def test_the_browser_is_held_to_it() -> None:
    policy = Client().get("/docs/api")["Content-Security-Policy"]
    rules = {name: values for name, *values in map(str.split, policy.split(";")) if values}
    assert rules["default-src"] == ["'none'"]
    assert rules["script-src"] == ["'self'"]
    assert rules["connect-src"] == ["'self'"]
    assert not re.search(r"https?:|\*", policy)
    assert "unsafe-eval" not in policy


def test_redoc_is_not_there() -> None:
    assert Client().get("/docs/redoc").status_code == 404


def test_only_reading_is_allowed() -> None:
    assert Client().post("/docs/api").status_code in {403, 405}
    assert Client().post("/v1/schema").status_code == 405
