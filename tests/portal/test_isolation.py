"""No page of one party tells another party anything, not even that a row exists.

For every registered model and every kind of address: own, foreign and unknown ids. One ecosystem
serves all models, so the loops are inside the tests.
"""

from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from apps.audit.models import AuditEvent
from apps.core.actor import Role
from apps.core.web.admin import EVERYBODY, ScopedAdmin
from tests.portal.conftest import Browser
from tests.portal.world import Party, World

REGISTERED: list[Any] = sorted(admin.site._registry, key=lambda model: model._meta.label)
UNKNOWN = {
    "pk": "999999999",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "pcid": "XXX99999999999999",
    "client_id": "unknown-client",
}
UNSPEAKABLE = ["x", "0", "-1", "9" * 40, "%00", "a/b", "'"]


REFUSED = [
    ("?id__gte=1", 400),
    ("?pk=1", 400),
    ("?owner__name__startswith=a", 400),
    ("?organization__name__startswith=a", 400),
    ("?mac__startswith=a", 400),
    ("?state__exact=trusted", 400),
    ("?_popup=1", 404),
    ("?_to_field=id", 404),
    ("?_facets=True", 404),
    ("?all=", 404),
    ("?e=1", 302),
]


def ids_of(model: Any) -> str:
    return str(model._meta.label)


def admin_of(model: Any) -> ScopedAdmin:
    found = admin.site._registry[model]
    assert isinstance(found, ScopedAdmin)
    return found


def list_of(model: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def page_of(model: Any, identifier: Any) -> str:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
    return reverse(name, args=[identifier])


def address(row: Any) -> str:
    return page_of(type(row), getattr(row, admin_of(type(row)).url_field))


def pairs(ecosystem: World) -> list[tuple[Party, Party]]:
    """Parties of one role, each before the other."""
    groups = (ecosystem.oems, ecosystem.mos, ecosystem.cpos, ecosystem.cpss)
    return [
        (one, other)
        for first, second in groups
        for one, other in ((first, second), (second, first))
    ]


@pytest.mark.parametrize("model", REGISTERED, ids=ids_of)
def test_every_admin_is_scoped_and_open_to_a_role(model: Any) -> None:
    found = admin_of(model)
    assert found.roles <= frozenset(Role)
    assert found.roles
    assert found.actions is None


def test_only_models_of_ours_are_registered() -> None:
    assert {model.__module__.split(".")[0] for model in REGISTERED} == {"apps"}


def test_own_rows_are_shown(ecosystem: World, browser: Browser) -> None:
    shown = set()
    for party in ecosystem.parties:
        client = browser(party)
        for model, row in party.rows.items():
            answer = client.get(address(row))
            assert answer.status_code == 200, (party.organization, model)
            assert client.get(list_of(model)).status_code == 200
            shown.add(model)
    assert shown | set(ecosystem.shared) == set(REGISTERED)


def test_foreign_and_unknown_rows_answer_alike(ecosystem: World, browser: Browser) -> None:
    for party, other in pairs(ecosystem):
        client = browser(party)
        for model, row in other.rows.items():
            foreign = client.get(address(row))
            unknown = client.get(page_of(model, UNKNOWN[admin_of(model).url_field]))
            assert foreign.status_code == unknown.status_code == 404, model
            assert foreign.content == unknown.content


def test_foreign_rows_are_on_no_list_and_in_no_search(ecosystem: World, browser: Browser) -> None:
    for party, other in pairs(ecosystem):
        client = browser(party)
        for model, row in other.rows.items():
            identifier = str(getattr(row, admin_of(model).url_field))
            for query in ("", f"?q={identifier}", f"?q={row}"):
                listed = client.get(list_of(model) + query)
                assert listed.status_code == 200
                assert f"/{identifier}/" not in listed.content.decode(), model


@pytest.mark.one_database
def test_without_the_role_own_foreign_and_unknown_are_refused_alike(
    ecosystem: World, browser: Browser
) -> None:
    refused = set()
    for party in (ecosystem.oems[0], ecosystem.mos[0], ecosystem.cpos[0]):
        client = browser(party)
        for model in REGISTERED:
            if _roles(party) & admin_of(model).roles:
                continue
            unknown = page_of(model, UNKNOWN[admin_of(model).url_field])
            addresses = [list_of(model), unknown, *map(address, rows_of(ecosystem, model))]
            assert {client.get(one).status_code for one in addresses} == {403}, model
            refused.add(model)
    assert refused == {model for model in REGISTERED if admin_of(model).roles != EVERYBODY}


def test_ids_that_cannot_be_are_unknown(ecosystem: World, browser: Browser) -> None:
    client = browser(ecosystem.operator)
    for model in REGISTERED:
        for identifier in UNSPEAKABLE:
            answer = client.get(f"{list_of(model)}{identifier}/")
            assert answer.status_code == 404, (model, identifier)


def test_the_operator_sees_every_pool(ecosystem: World, browser: Browser) -> None:
    client = browser(ecosystem.operator)
    for model in REGISTERED:
        listed = client.get(list_of(model)).content.decode()
        rows = rows_of(ecosystem, model)
        assert rows
        for row in rows:
            assert address(row) in listed
            assert client.get(address(row)).status_code == 200


@pytest.mark.one_database
def test_strangers_see_nothing(ecosystem: World, client: Client) -> None:
    for model in REGISTERED:
        for one in (list_of(model), *map(address, rows_of(ecosystem, model))):
            answer = client.get(one)
            assert answer.status_code == 302
            assert answer.headers["Location"].startswith("/login/")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        *(pytest.param(query, status, marks=pytest.mark.one_database) for query, status in REFUSED),
        ("?p=9999", 200),
        ("?p=-1", 200),
        ("?p=x", 200),
        ("?q=%00", 200),
    ],
)
def test_parameters_that_a_list_does_not_offer_are_refused(
    query: str, status: int, browser: Browser, operator: Party
) -> None:
    client = browser(operator)
    for model in REGISTERED:
        assert client.get(list_of(model) + query).status_code == status, model


@pytest.mark.one_database
def test_no_list_sorts_the_whole_pool(browser: Browser, operator: Party) -> None:
    """An order is refused, unless a column carries the one that the index serves."""
    client = browser(operator)
    for model in REGISTERED:
        status = 200 if admin_of(model).sortable_by else 404
        for order in ("?o=1", "?o=-99", "?o=x.y"):
            assert client.get(list_of(model) + order).status_code == status, model


TYPED = {"who"}
"""Filters that take any text, as a search does."""


def test_values_that_a_filter_does_not_know_filter_nothing(
    browser: Browser, operator: Party
) -> None:
    client = browser(operator)
    for model in REGISTERED:
        offered = [name for one in admin_of(model).list_filter for name in one.parameters]
        offered = [name for name in offered if name not in TYPED]
        everything = client.get(list_of(model)).context["cl"].result_count
        strange = client.get(list_of(model), dict.fromkeys(offered, "no-such-value"))
        assert strange.status_code == 200
        assert strange.context["cl"].result_count == everything


def test_nothing_is_written_through_lists_and_pages(ecosystem: World, browser: Browser) -> None:
    client = browser(ecosystem.operator)
    for model in REGISTERED:
        row, before = rows_of(ecosystem, model)[0], model.objects.count()
        chosen = {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"}
        answers = [
            client.post(list_of(model), chosen),
            client.post(address(row), {"_save": "1"}),
            client.put(address(row)),
            client.delete(address(row)),
        ]
        assert {answer.status_code for answer in answers} == {403}
        refused = len(answers) if model is AuditEvent else 0
        assert model.objects.count() == before + refused


@pytest.mark.one_database
def test_addresses_that_the_library_would_add_do_not_exist(
    browser: Browser, operator: Party
) -> None:
    client = browser(operator)
    for model in REGISTERED:
        for tail in ("add/", "1/history/", "1/delete/", "1/change/"):
            assert client.get(list_of(model) + tail).status_code == 404
    for path in ("/autocomplete/", "/r/1/1/"):
        assert client.get(path).status_code == 404
    assert client.get("/apps/pki/").headers["Location"] == "/"


def test_no_page_lies_where_machines_are_served() -> None:
    for model in REGISTERED:
        assert not list_of(model).startswith(tuple(settings.MACHINE_ROUTES))


def rows_of(ecosystem: World, model: Any) -> list[Any]:
    """All rows of a model that the ecosystem knows of."""
    rows = [party.rows[model] for party in ecosystem.parties if model in party.rows]
    return rows + ([ecosystem.shared[model]] if model in ecosystem.shared else [])


def _roles(party: Party) -> set[Role]:
    return {Role(row.role) for row in party.organization.role_rows.all()}
