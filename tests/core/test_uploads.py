"""Uploaded files are kept in memory alone, and only as much as the page allows."""

from collections.abc import Mapping

import pytest
from django import forms
from django.core.files.uploadedfile import InMemoryUploadedFile, SimpleUploadedFile
from django.http import HttpRequest
from django.test import RequestFactory

from apps.core.web import uploads
from apps.core.web.uploads import Allowance


def request_with(files: Mapping[str, bytes]) -> HttpRequest:
    chosen = [SimpleUploadedFile(name, octets) for name, octets in files.items()]
    return RequestFactory().post("/", {"files": chosen, "after": "typed"})


def test_a_file_of_any_allowed_size_stays_in_memory() -> None:
    request = request_with({"a": b"x" * 4_000_000})
    uploads.allow(request, Allowance(octets=4_000_000, files=1))
    (file,) = request.FILES.getlist("files")
    assert isinstance(file, InMemoryUploadedFile)
    assert file.read() == b"x" * 4_000_000
    assert not uploads.is_too_large(request)


@pytest.mark.parametrize(
    ("sizes", "kept"),
    [([1_000_000], 1), ([1_000_001], 0), ([600_000, 600_000], 1), ([3_000_000], 0), ([1] * 11, 10)],
)
def test_what_is_beyond_the_usual_is_left_out_and_the_rest_was_read(
    sizes: list[int], kept: int
) -> None:
    request = request_with({f"{n}": b"x" * size for n, size in enumerate(sizes)})
    assert request.POST["after"] == "typed"
    assert len(request.FILES.getlist("files")) == kept
    assert uploads.is_too_large(request) == (kept < len(sizes))


def test_a_request_that_is_far_too_large_is_not_read_to_its_end() -> None:
    request = request_with({"a": b"x" * 21_000_000})
    assert not request.FILES
    assert "after" not in request.POST


class OneFile(forms.Form):
    one = forms.FileField()


@pytest.mark.parametrize(("size", "told"), [(1_000_001, True), (1_000_000, False)])
def test_a_file_that_was_left_out_is_named_as_too_large(size: int, told: bool) -> None:
    request = RequestFactory().post("/", {"one": SimpleUploadedFile("a", b"x" * size)})
    form = OneFile(request.POST, request.FILES)
    uploads.tell_too_large(request, form)
    assert form.errors.get("one", []) == (["This file is larger than 1 MB."] if told else [])
