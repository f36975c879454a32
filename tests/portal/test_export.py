"""Lists as CSV files: the rows of the list, no more, and nothing that a spreadsheet would run."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest

from apps.contract_pool.models import Contract
from apps.core.web.exporting import written
from apps.participants.models import ApiClient
from apps.pki.models import IssuedCertificate
from apps.provisioning_pool.models import ProvisioningCertificate
from tests.portal.conftest import Browser
from tests.portal.test_isolation import REGISTERED, admin_of, ids_of, list_of
from tests.portal.world import Party, World

SEARCHED_BY_FILTER = {"operator.CleansingRun", "root_pool.CleansingDecision"}
"""Few rows, which no party types the beginning of."""


def _rows(answer: Any) -> list[dict[str, str]]:
    text = answer.getvalue().decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text)))


def _exported() -> Iterator[Any]:
    return (model for model in REGISTERED if admin_of(model).export_columns)


@pytest.mark.parametrize("model", REGISTERED, ids=ids_of)
def test_every_list_has_filters_a_search_an_order_and_a_file(model: Any) -> None:
    shown = admin_of(model)
    assert shown.list_filter
    assert shown.search_fields or model._meta.label in SEARCHED_BY_FILTER
    assert shown.sortable_by
    assert set(shown.sortable_by) <= set(shown.list_display)
    assert shown.export_columns


def test_a_file_holds_the_rows_of_the_list(ecosystem: World, browser: Browser) -> None:
    party = ecosystem.oems[0]
    answer = browser(party).get(f"{list_of(ProvisioningCertificate)}export.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    vehicle = party.rows[ProvisioningCertificate]
    (row,) = _rows(answer)
    assert row["pcid"] == vehicle.pcid
    assert row["fingerprint"] == bytes(vehicle.fingerprint).hex()


@pytest.mark.parametrize("model", list(_exported()), ids=ids_of)
def test_every_column_of_every_file_can_be_written(
    ecosystem: World, browser: Browser, model: Any
) -> None:
    client = browser(ecosystem.operator)
    if not admin_of(model).roles & {"OPERATOR"}:
        client = browser(ecosystem.mos[0])
    listed = client.get(list_of(model)).context["cl"].result_count
    assert len(_rows(client.get(f"{list_of(model)}export.csv"))) == listed > 0


def test_a_file_follows_filters_and_search(ecosystem: World, browser: Browser) -> None:
    client = browser(ecosystem.mos[0])
    page = f"{list_of(Contract)}export.csv"
    assert _rows(client.get(page))
    assert not _rows(client.get(f"{page}?state=ended"))
    assert not _rows(client.get(f"{page}?q=ZZ"))


def test_no_file_has_rows_of_another_party(ecosystem: World, browser: Browser) -> None:
    for party, key in ((ecosystem.mos[0], "emaid"), (ecosystem.oems[0], "pcid")):
        model = Contract if key == "emaid" else ProvisioningCertificate
        rows = _rows(browser(party).get(f"{list_of(model)}export.csv"))
        assert {row[key] for row in rows} == {getattr(party.rows[model], key)}


def test_a_file_is_for_the_roles_of_its_list(ecosystem: World, browser: Browser) -> None:
    cpo: Party = ecosystem.cpos[0]
    assert browser(cpo).get(f"{list_of(Contract)}export.csv").status_code == 403
    assert browser(cpo).post(f"{list_of(IssuedCertificate)}export.csv").status_code == 403


def test_what_a_spreadsheet_would_run_is_text(ecosystem: World, browser: Browser) -> None:
    party = ecosystem.oems[0]
    ApiClient.objects.filter(organization=party.organization).update(name="=1+1")
    (row,) = _rows(browser(party).get(f"{list_of(ApiClient)}export.csv"))
    assert row["name"] == "'=1+1"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (datetime(2027, 1, 13, 16, 11, tzinfo=UTC), "2027-01-13T16:11:00Z"),
        (b"\x0a\xff", "0aff"),
    ],
)
def test_values_are_written_for_machines(value: object, text: str) -> None:
    assert written(value) == text
