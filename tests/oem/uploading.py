"""Uploads as browsers make them: files of all forms, ZIPs, and the pages that answer."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs7,
    pkcs12,
)
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.oem.models import UploadBatch, UploadRow
from tests.factories import pki, trust
from v2g.pki.certificate import Certificate

UPLOAD: Final = "/upload/"
PASSWORD: Final = "open sesame"


def leaf(made: trust.OemPki, pcid: str = "", **changes: Any) -> pki.Holder:
    """A provisioning certificate with a key of its own."""
    key = ec.generate_private_key(made.pki.version.curve)
    return pki.make_leaf(made.pki, pcid or trust.pcid(), **({"key": key} | changes))


def chain(made: trust.OemPki, holder: pki.Holder) -> list[Certificate]:
    """Vehicle, Sub2, Sub1."""
    return list(made.pki.chain(holder))


def pem(certificates: Sequence[Certificate]) -> bytes:
    loaded = (x509.load_der_x509_certificate(one.der) for one in certificates)
    return b"".join(one.public_bytes(Encoding.PEM) for one in loaded)


def p7b(certificates: Sequence[Certificate]) -> bytes:
    loaded = [x509.load_der_x509_certificate(one.der) for one in certificates]
    return pkcs7.serialize_certificates(loaded, Encoding.DER)


def p12(
    certificates: Sequence[Certificate],
    *,
    key: ec.EllipticCurvePrivateKey | None = None,
    rounds: int = 2048,
) -> bytes:
    """A PKCS#12, with the private key where one is given."""
    form = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(rounds)
    form = form.key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
    encryption = form.hmac_hash(hashes.SHA256()).build(PASSWORD.encode())
    loaded = [x509.load_der_x509_certificate(one.der) for one in certificates]
    if key:
        return pkcs12.serialize_key_and_certificates(b"x", key, loaded[0], loaded[1:], encryption)
    named = [pkcs12.PKCS12Certificate(one, None) for one in loaded]
    return pkcs12.serialize_java_truststore(named, encryption)


def key_pem(holder: pki.Holder) -> bytes:
    return holder.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, octets in members.items():
            archive.writestr(name, octets)
    return out.getvalue()


def send(client: Client, files: Mapping[str, bytes], **typed: str) -> Any:
    """Choose files and check them."""
    chosen = [SimpleUploadedFile(name, octets) for name, octets in files.items()]
    return client.post(UPLOAD, {"certificates": chosen, **typed})


def checked(client: Client, files: Mapping[str, bytes], **typed: str) -> UploadBatch:
    """Send what is expected to lead to a dry run."""
    answer = send(client, files, **typed)
    assert answer.status_code == 302, answer.content.decode()
    batch = UploadBatch.objects.get(uuid=answer.headers["Location"].split("/")[2])
    assert client.get(answer.headers["Location"]).status_code == 200
    return batch


def only_row(batch: UploadBatch) -> UploadRow:
    return batch.rows.get()


def address(batch: UploadBatch) -> str:
    return f"{UPLOAD}{batch.uuid}/"
