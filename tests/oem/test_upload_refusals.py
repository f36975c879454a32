"""What people upload by mistake, or on purpose: refused at its field, with nothing stored."""

import io
import zipfile
import zlib
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.test import Client

from apps.core.actor import Right, Role
from apps.oem import files
from apps.oem.models import UploadBatch
from tests.factories import parties
from tests.oem.conftest import Maker, browser
from tests.oem.uploading import (
    PASSWORD,
    UPLOAD,
    chain,
    checked,
    key_pem,
    leaf,
    only_row,
    p12,
    pem,
    send,
    zipped,
)
from v2g.pki import pkcs12 as reader


def refused(answer: Any, text: str) -> None:
    """The page with the reason, and no draft."""
    page = answer.content.decode()
    assert answer.status_code == 422, page
    assert text in page
    assert not UploadBatch.objects.exists()


def test_a_private_key_anywhere_refuses_all_of_the_upload(maker: Maker) -> None:
    holder = leaf(maker.oem)
    good = pem(chain(maker.oem, holder))
    der_key = holder.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    uploads: list[dict[str, bytes]] = [
        {"good.pem": good, "key.pem": key_pem(holder)},
        {"both.pem": good + key_pem(holder)},
        {"key.der": der_key},
        {"with key.p12": p12(chain(maker.oem, holder), key=holder.key)},
        {"all.zip": zipped({"good.pem": good, "deep/key.pem": key_pem(holder)})},
        {"all.zip": zipped({"x.p12": p12(chain(maker.oem, holder), key=holder.key)})},
    ]
    for given in uploads:
        for password in ("", PASSWORD):
            refused(send(maker.client, given, password=password), "holds a private key")


def test_a_wrong_password_is_said_at_its_field(maker: Maker) -> None:
    given = {"all.p12": p12(chain(maker.oem, leaf(maker.oem)))}
    for password in ("", "wrong"):
        answer = send(maker.client, given, password=password)
        refused(answer, "This password does not open all.p12.")
        assert list(answer.context["form"].errors) == ["password"]
    assert "wrong" not in answer.content.decode().replace("went wrong", "")


def test_a_pkcs12_that_asks_for_minutes_is_refused_before_it_is_opened(
    maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = p12(chain(maker.oem, leaf(maker.oem)), rounds=100_001)
    several = {f"{n}.p12": p12(chain(maker.oem, leaf(maker.oem)), rounds=90_000) for n in range(3)}
    spent: list[int] = []
    real = reader._key

    def watch(parameters: Any, *rest: Any) -> bytes:
        spent.append(parameters["iteration_count"].native)
        return real(parameters, *rest)

    monkeypatch.setattr(reader, "_key", watch)
    row = only_row(checked(maker.client, {"slow.p12": slow}, password=PASSWORD))
    assert (row.code, spent) == ("unreadable", [])
    assert "over 100,000 rounds" in row.detail
    monkeypatch.setattr(files, "MAX_ROUNDS", 200_000)
    batch = checked(maker.client, several, password=PASSWORD)
    assert sum(spent) == 180_000
    assert batch.rows.get(code="unreadable").source == "2.p12"


def test_too_many_octets_in_are_refused_and_what_was_typed_stays(
    maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    pcid = leaf(maker.oem).certificate.common_name
    for given in (
        {"noise.zip": b"\x00" * 50_000_000},
        {"a": b"x" * 11_000_000, "b": b"y" * 11_000_000},
    ):
        answer = send(maker.client, given, pcid=pcid)
        refused(answer, "over 20 MB")
        assert f'value="{pcid}"' in answer.content.decode()
    refused(send(maker.client, {f"{n}.cer": b"x" for n in range(1_001)}), "over 1,000 files")


def test_what_a_zip_unpacks_to_is_bounded(maker: Maker) -> None:
    bomb = zipped({f"{n}.cer": b"\x00" * 30_000_000 for n in range(4)})
    assert len(bomb) < 200_000
    refused(send(maker.client, {"bomb.zip": bomb}), "over 100 MB")
    crowd = zipped({f"{n}": b"" for n in range(20_001)}, zipfile.ZIP_STORED)
    refused(send(maker.client, {"crowd.zip": crowd}), "over 20,000 files")


def test_a_zip_that_lies_about_its_sizes_is_still_bounded(maker: Maker) -> None:
    honest = zipped({"a.cer": b"\x00" * 30_000_000})
    lying = honest.replace((30_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    assert lying != honest
    refused(send(maker.client, {"lying.zip": lying}), "cannot be unpacked")


def test_broken_zips_are_refused(maker: Maker) -> None:
    whole = zipped({"a.cer": leaf(maker.oem).der})
    for octets in (whole[: len(whole) // 2], b"PK\x03\x04" + b"\x00" * 100):
        refused(send(maker.client, {"broken.zip": octets}), "broken.zip cannot be unpacked.")


def test_members_that_cannot_be_opened_are_rows_of_their_own(maker: Maker) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("inner.zip", zipped({"a.cer": b"x"}))
        archive.writestr("lzma.cer", leaf(maker.oem).der, zipfile.ZIP_LZMA)
        archive.writestr("noise.cer", zlib.compress(b"noise"))
        archive.writestr("good.pem", pem(chain(maker.oem, leaf(maker.oem))))
    batch = checked(maker.client, {"all.zip": out.getvalue()})
    failed = dict(batch.rows.filter(code="unreadable").values_list("source", "detail"))
    assert set(failed) == {"inner.zip", "lzma.cer", "noise.cer"}
    assert batch.counts == {"0failed": 3, "3new": 1}


def test_noise_is_a_row_that_cannot_be_imported(maker: Maker) -> None:
    batch = checked(maker.client, {"noise.bin": bytes(range(256)) * 4000})
    row = only_row(batch)
    assert (row.code, row.source) == ("unreadable", "noise.bin")
    page = maker.client.get(f"{UPLOAD}{batch.uuid}/").content.decode()
    assert "Nothing can be imported." in page
    assert ">Import" not in page


def test_no_file_and_only_roots_are_said_at_the_field(maker: Maker) -> None:
    refused(maker.client.post(UPLOAD, {}), "Choose the files with the certificates.")
    root = {"root.cer": maker.oem.pki.root.der}
    refused(send(maker.client, root), "There is no certificate of a vehicle in these files.")


def test_names_of_files_are_text_wherever_they_stand(maker: Maker) -> None:
    name = "');alert(1)//{{7*7}}<b>.cer"
    batch = checked(maker.client, {"x.zip": zipped({name: b"noise"})})
    page = maker.client.get(f"{UPLOAD}{batch.uuid}/").content.decode()
    assert "&#x27;);alert(1)//{{7*7}}&lt;b&gt;.cer" in page
    csv = maker.client.get(f"{UPLOAD}{batch.uuid}/rows.csv").getvalue().decode()
    assert name in csv


def test_a_cell_that_a_spreadsheet_would_run_is_text(maker: Maker) -> None:
    batch = checked(maker.client, {"x.zip": zipped({"=1+1.cer": b"noise"})})
    assert "\n'=1+1.cer," in maker.client.get(f"{UPLOAD}{batch.uuid}/rows.csv").getvalue().decode()


def test_only_editors_of_car_makers_upload(maker: Maker, db: None) -> None:
    mo = browser(parties.member(organization=parties.organization(roles=[Role.MO])))
    for client in (maker.another(Right.VIEWER), mo):
        assert client.get(UPLOAD).status_code == 403
        assert send(client, {"a.cer": leaf(maker.oem).der}).status_code == 403
    stranger = Client()
    assert stranger.get(UPLOAD).headers["Location"] == "/login/?next=/upload/"
    assert send(stranger, {"a.cer": b"x"}).headers["Location"].startswith("/login/")


def test_an_upload_needs_its_token(maker: Maker) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(maker.user, backend="django.contrib.auth.backends.ModelBackend")
    assert send(strict, {"a.cer": leaf(maker.oem).der}).status_code == 403
    assert not UploadBatch.objects.exists()
