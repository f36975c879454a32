"""Files that people upload: in memory alone, bounded before a view sees them, never on disk.

A page that takes more than a small file says so where it is registered (`Step.uploads`); what it
allows counts for people who are logged in. What is beyond is read past and left out, so that the
page can say so and keeps everything else that was typed.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any, Final

from django import forms
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

ROOM: Final = 1_000_000
"""Octets of a request beside its files: the other fields, and what frames each file."""
HOPELESS: Final = 10
"""A request this many times too large is cut off instead of being read to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What one request may bring: octets of all its files together, and their number."""

    octets: int
    files: int


USUAL: Final = Allowance(octets=1_000_000, files=10)


def allow(request: HttpRequest, allowance: Allowance) -> None:
    """Let this request bring more than usual; before anybody reads its fields."""
    request.upload_allowance = allowance  # type: ignore[attr-defined]  # ours


def is_too_large(request: HttpRequest) -> bool:
    """Tell whether a file was left out for its size or number; after the fields were read."""
    return bool(getattr(request, "upload_too_large", False))


def tell_too_large(request: HttpRequest, form: forms.Form) -> None:
    """Say at the form's file that it was left out, instead of that none was chosen."""
    names = [name for name, one in form.fields.items() if isinstance(one, forms.FileField)]
    if not names or not is_too_large(request):
        return
    limit = getattr(request, "upload_allowance", USUAL).octets // 1_000_000
    form.errors.clear()
    form.add_error(names[0], _("This file is larger than %(limit)s MB.") % {"limit": limit})


class MemoryUploads(FileUploadHandler):
    """Keeps files in memory, within the allowance of the request."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._left = self._allowance.octets
        self._files = 0
        self._octets = BytesIO()
        self._is_hopeless = False

    @property
    def _allowance(self) -> Allowance:
        found: Allowance = getattr(self.request, "upload_allowance", USUAL)
        return found

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, str],  # noqa: N803  Django's name
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Look at the size that the request says it has."""
        limit = self._allowance.octets + ROOM
        self._left = self._allowance.octets if content_length <= limit else -1
        self._is_hopeless = content_length > HOPELESS * limit

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._octets = BytesIO()
        self._files += 1
        if self._is_hopeless:
            raise StopUpload(connection_reset=True)
        if self._left < 0 or self._files > self._allowance.files:
            self._leave_out()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._left -= len(raw_data)
        if self._left < 0:
            self._leave_out()
        self._octets.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self._octets.seek(0)
        return InMemoryUploadedFile(
            file=self._octets,
            field_name=self.field_name,
            name=self.file_name or "",
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )

    def _leave_out(self) -> None:
        self._octets = BytesIO()
        self.request.upload_too_large = True  # type: ignore[union-attr]  # ours
        raise SkipFile


class AllowUploads:
    """Middleware before the one that reads the fields for their CSRF token."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = self.get_response(request)
        return response

    def process_view(self, request: HttpRequest, callback: Any, *_rest: Any) -> None:
        """Give the page its allowance, if somebody is logged in."""
        allowance = getattr(callback, "uploads", None)
        if allowance and request.user.is_authenticated:
            allow(request, allowance)
