"""Every form in which people have certificates leads to the same dry run."""

from base64 import b64encode
from collections.abc import Callable, Sequence

import pytest

from apps.oem.models import UploadRow
from apps.provisioning_pool.models import ProvisioningCertificate
from tests.factories import trust
from tests.oem.conftest import Maker
from tests.oem.uploading import (
    PASSWORD,
    address,
    chain,
    checked,
    key_pem,
    leaf,
    only_row,
    p7b,
    p12,
    pem,
    send,
    zipped,
)
from v2g.pki.certificate import Certificate

Result = UploadRow.Result
Certificates = Sequence[Certificate]

FORMS: dict[str, Callable[[Certificates], dict[str, bytes]]] = {
    "one PEM": lambda given: {"all.pem": pem(given)},
    "DER each": lambda given: {f"{n}.cer": one.der for n, one in enumerate(given)},
    "P7B": lambda given: {"all.p7b": p7b(given)},
    "P12": lambda given: {"all.p12": p12(given)},
    "ZIP": lambda given: {
        "all.zip": zipped({f"sub/{n}.der": one.der for n, one in enumerate(given)})
    },
    "PEM in any order": lambda given: {"all.pem": pem(list(reversed(given)))},
    "ZIP with folders and leftovers": lambda given: {
        "all.zip": zipped(
            {"a/": b"", "__MACOSX/._a": b"x", ".DS_Store": b"x", "a/a.pem": pem(given)}
        )
    },
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_is_read(maker: Maker, form: Callable[[Certificates], dict[str, bytes]]) -> None:
    holder = leaf(maker.oem)
    batch = checked(maker.client, form(chain(maker.oem, holder)), password=PASSWORD)
    row = only_row(batch)
    assert (row.pcid, row.result, row.detail) == (holder.certificate.common_name, Result.NEW, "")
    assert set(row.checks.values()) == {"passed", "open"} or set(row.checks.values()) == {"passed"}
    assert not ProvisioningCertificate.objects.exists()


def test_sub_cas_that_the_pool_knows_need_not_be_sent_again(maker: Maker) -> None:
    trust.published_vehicle(oem=maker.oem, owner=maker.organization)
    row = only_row(checked(maker.client, {"new.cer": leaf(maker.oem).der}))
    assert row.result == Result.NEW
    assert row.checks["from_pool"]
    page = maker.client.get(address(row.batch)).content.decode()
    assert "sub-CAs from the pool" in page


def test_without_them_the_missing_one_is_named_and_how_to_repair_it(maker: Maker) -> None:
    row = only_row(checked(maker.client, {"new.cer": leaf(maker.oem).der}))
    assert (row.result, row.code) == (Result.FAILED, "sub_ca_missing")
    assert maker.oem.pki.sub2.certificate.common_name in row.detail
    assert "Add the sub-CA certificates" in maker.client.get(address(row.batch)).content.decode()


def test_roots_and_repeated_certificates_are_left_out_and_counted(maker: Maker) -> None:
    whole = [*chain(maker.oem, leaf(maker.oem)), maker.oem.pki.root.certificate]
    batch = checked(maker.client, {"a.pem": pem(whole), "b.pem": pem(whole[:1])})
    assert (batch.counts, batch.left_out) == ({Result.NEW: 1}, 2)


def test_thousands_in_a_zip_are_one_dry_run_with_the_first_200_on_the_page(maker: Maker) -> None:
    members = {f"{n}.der": leaf(maker.oem).der for n in range(250)}
    subs = {"subs.pem": pem(maker.oem.pki.sub_cas)}
    batch = checked(maker.client, {"all.zip": zipped(members | subs)})
    assert batch.counts == {Result.NEW: 250}
    page = maker.client.get(address(batch)).content.decode()
    assert "Import 250 certificates" in page
    assert "the first 200" in page
    assert page.count("New vehicle</span></td>") == 200
    lines = maker.client.get(f"{address(batch)}rows.csv").getvalue().decode().splitlines()
    assert len(lines) == 251


def test_the_exported_file_of_vehicles_may_come_back_as_it_is(maker: Maker) -> None:
    stays = trust.published_vehicle(oem=maker.oem, owner=maker.organization)
    leaves = trust.published_vehicle(oem=maker.oem, owner=maker.organization)
    file = maker.client.get("/vehicles/export.csv").getvalue()
    ProvisioningCertificate.objects.filter(pk=leaves.row.pk).delete()
    rows = UploadRow.objects.filter(batch=checked(maker.client, {"vehicles.csv": file}))
    assert {row.pcid: row.result for row in rows} == {
        stays.row.pcid: Result.SAME,
        leaves.row.pcid: Result.NEW,
    }
    assert not rows.exclude(detail="").exists()


def test_a_row_of_the_file_without_a_certificate_is_its_own_outcome(maker: Maker) -> None:
    vehicle = trust.published_vehicle(oem=maker.oem, owner=maker.organization)
    good = maker.client.get("/vehicles/export.csv").getvalue().decode().replace(",", ";")
    broken = f"{good}{vehicle.row.pcid};;;;;;no certificate\r\n".encode()
    rows = UploadRow.objects.filter(batch=checked(maker.client, {"vehicles.csv": broken}))
    assert {(row.source, row.code) for row in rows} == {
        ("vehicles.csv (1)", ""),
        ("vehicles.csv (2)", "unreadable"),
    }


def test_a_private_key_in_the_file_of_vehicles_refuses_all(maker: Maker) -> None:
    trust.published_vehicle(oem=maker.oem, owner=maker.organization)
    file = maker.client.get("/vehicles/export.csv").getvalue()
    key = key_pem(leaf(maker.oem))
    for hidden in (key, b64encode(key)):
        answer = send(maker.client, {"vehicles.csv": file + b",,,,,," + hidden + b"\r\n"})
        assert answer.status_code == 422
        assert "holds a private key" in answer.content.decode()
