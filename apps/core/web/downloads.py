"""The certificate of a page as a file, in the forms that tools of the field load."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from v2g.pki.certificate import Certificate
from v2g.pki.certs_only import certs_only
from v2g.pki.pem import pem

_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9]+")
MAX_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of file. `write` takes the certificates, the shown one first, its root last."""

    key: str
    label: str | Promise
    ending: str
    media_type: str
    write: Callable[[Sequence[Certificate]], bytes]


FORMS: Final[Mapping[str, Form]] = {
    form.key: form
    for form in (
        Form("pem", _("PEM"), ".pem", "application/x-pem-file", lambda path: pem(path[:1])),
        Form("der", _("DER"), ".cer", "application/pkix-cert", lambda path: path[0].der),
        Form("chain", _("Chain (PEM)"), "-chain.pem", "application/x-pem-file", pem),
        Form("p7b", _("Chain (P7B)"), "-chain.p7b", "application/x-pkcs7-certificates", certs_only),
    )
}


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """Certificates in DER, root first; the last one is what the page is about."""

    chain: tuple[bytes, ...]

    @property
    def forms(self) -> tuple[Form, ...]:
        """The forms that there are; a chain of one certificate is the certificate."""
        several = len(self.chain) > 1
        return tuple(form for form in FORMS.values() if several or form.key != "chain")

    def download(self, key: str) -> HttpResponse | None:
        """Return the file in one of the forms; None for a form that is unknown."""
        form = next((one for one in self.forms if one.key == key), None)
        if form is None:
            return None
        path = [Certificate.from_der(der) for der in reversed(self.chain)]
        words = _NOT_IN_NAMES.sub("-", path[0].common_name or "").strip("-")
        name = (words[:MAX_NAME] or "certificate") + form.ending
        return HttpResponse(
            form.write(path),
            content_type=form.media_type,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
