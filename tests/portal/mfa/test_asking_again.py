"""Steps and actions that are marked fresh: the second factor is asked again before them."""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from apps.core.actor import Actor, Role
from apps.core.web import freshness, workflows
from apps.core.web.workflows import Step, Workflow
from apps.participants.models import User
from apps.pki.models import IssuedCertificate
from apps.root_pool import services
from apps.root_pool.models import RootCertificate
from tests.factories import pki, second_factor, trust
from tests.factories.second_factor import App, Passkey
from tests.portal.conftest import Browser
from tests.portal.mfa.conftest import LogIn
from tests.portal.world import PASSWORD, World
from v2g.pki.profiles import Branch

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 5, 4, 12, 0, 1, tzinfo=UTC)
LOST = "Nothing of what you typed is lost"


@pytest.fixture
def app(operator: User) -> App:
    return second_factor.app(operator)


@pytest.fixture
def inside(client: Client, operator: User, app: App, log_in: LogIn) -> Client:
    """A person of the operator, logged in with the second factor an hour before noon."""
    with time_machine.travel(NOON - timedelta(hours=1), tick=False):
        log_in(operator)
        client.post("/login/second-factor/", {"code": app.code()})
    return client


@pytest.fixture
def root(operator: User) -> RootCertificate:
    """A root that waits for the second person."""
    holder = pki.make_root(Branch.OEM, at=trust.now())
    kind = RootCertificate.Type.OEM
    return services.submit(actor=trust.operator_person(), der=holder.der, root_type=kind)


def trust_it(client: Client, root: RootCertificate, **more: str) -> Any:
    fingerprint = bytes(root.fingerprint).hex(":")
    return client.post(f"/roots/{root.uuid}/trust/", {"fingerprint": fingerprint, **more})


def is_trusted(root: RootCertificate) -> bool:
    root.refresh_from_db()
    return root.state == RootCertificate.State.TRUSTED


def test_a_press_waits_with_all_that_was_typed_and_goes_on_with_the_code(
    inside: Client, app: App, root: RootCertificate
) -> None:
    with time_machine.travel(NOON, tick=False):
        page = trust_it(inside, root)
        assert page.status_code == 403
        assert LOST in page.content.decode()
        assert not is_trusted(root)
        kept = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.content.decode()))
        typed = html.unescape(kept["fingerprint"])
        path = f"/roots/{root.uuid}/trust/"
        done = inside.post(path, {"fingerprint": typed, "confirm-code": app.code()})
        assert done.headers["Location"] == f"/roots/{root.uuid}/"
        assert is_trusted(root)


def test_a_wrong_code_changes_nothing_and_still_keeps_what_was_typed(
    inside: Client, root: RootCertificate
) -> None:
    with time_machine.travel(NOON, tick=False):
        page = trust_it(inside, root, **{"confirm-code": "1"}).content.decode()
        assert "This code is not right" in page
        assert 'name="fingerprint"' in page
        assert not is_trusted(root)


def test_the_factor_given_while_logging_in_does_not_count(
    client: Client, operator: User, app: App, root: RootCertificate, log_in: LogIn
) -> None:
    log_in(operator)
    client.post("/login/second-factor/", {"code": app.code()})
    assert trust_it(client, root).status_code == 403
    assert not is_trusted(root)


def test_a_confirmation_counts_for_ten_minutes(
    inside: Client, app: App, root: RootCertificate
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        second_factor.confirm(inside, app)
        clock.shift(timedelta(minutes=10, seconds=1))
        assert trust_it(inside, root).status_code == 403
        second_factor.confirm(inside, app)
        clock.shift(timedelta(minutes=9, seconds=59))
        assert trust_it(inside, root).status_code == 302
        assert is_trusted(root)


def test_the_confirmation_of_another_browser_counts_for_nothing(
    inside: Client, operator: User, app: App, root: RootCertificate
) -> None:
    other = Client()
    other.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")
    with time_machine.travel(NOON, tick=False):
        second_factor.confirm(other, app)
        assert trust_it(inside, root).status_code == 403


def test_the_right_is_asked_as_well(
    client: Client, person: User, root: RootCertificate, log_in: LogIn
) -> None:
    app = second_factor.app(person)
    log_in(person)
    client.post("/login/second-factor/", {"code": app.code(steps=-1)})
    second_factor.confirm(client, app)
    assert trust_it(client, root).status_code in {403, 404}
    assert not is_trusted(root)


def test_where_second_factors_are_off_nobody_is_asked(
    client: Client, operator: User, root: RootCertificate, log_in: LogIn, settings: Any
) -> None:
    settings.SECOND_FACTOR = "off"
    log_in(operator)
    assert trust_it(client, root).status_code == 302
    assert is_trusted(root)


def test_a_passkey_confirms_what_was_typed(
    operator: User, root: RootCertificate, passkey: Passkey
) -> None:
    local = Client(headers={"host": "localhost"})
    local.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")
    page = trust_it(local, root).content.decode()
    assert "This passkey is not one of yours" not in page
    assert re.search(r'<input type="hidden"\s+name="confirm-credential"', page)
    assert trust_it(local, root, **{"confirm-credential": passkey.get(page)}).status_code == 302
    assert is_trusted(root)


@pytest.fixture
def passkey(operator: User) -> Passkey:
    """A passkey of the person of the operator, who has no other factor."""
    made, path = Passkey(), "/account/passkeys/add/"
    local = Client(headers={"host": "localhost"})
    local.post("/login/", {"username": operator.email, "password": PASSWORD})
    page = local.get(path).content.decode()
    local.post(path, {"name": "Laptop", "credential": made.create(page)})
    return made


@pytest.mark.parametrize(
    ("wanted", "leads"),
    [
        ("/roots/", "/roots/"),
        ("//evil.example/", "/account/"),
        ("https://evil.example/", "/account/"),
        ("javascript:alert(1)", "/account/"),
        ("/\\evil.example", "/account/"),
    ],
)
def test_a_confirmation_leads_on_inside_the_site_only(
    inside: Client, app: App, wanted: str, leads: str
) -> None:
    with time_machine.travel(NOON, tick=False):
        answer = inside.post("/account/confirm/", {"confirm-code": app.code(), "next": wanted})
        assert answer.headers["Location"] == leads


def test_the_password_confirms_only_where_there_is_no_factor(
    client: Client, person: User, log_in: LogIn
) -> None:
    log_in(person)
    form = {"confirm-password": "correct horse battery"}
    assert client.post("/account/confirm/", form).status_code == 302
    second_factor.app(person)
    assert client.post("/account/confirm/", form).status_code == 200


def test_the_page_that_revokes_asks_before_it_opens(ecosystem: World, browser: Browser) -> None:
    party = ecosystem.operator
    second_factor.app(party.user)
    issued = party.rows[IssuedCertificate]
    name = "admin:pki_issuedcertificate_revoke"
    admin: Any = site._registry[IssuedCertificate]
    path = reverse(name, args=[getattr(issued, admin.url_field)])
    answer = browser(party).get(path)
    assert answer.headers["Location"] == f"/account/confirm/?next={path}"


# --- steps of workflows ---------------------------------------------------------------------------
@pytest.fixture
def step(monkeypatch: pytest.MonkeyPatch, settings: Any) -> str:
    """A workflow of car makers whose only page asks again; its address."""

    def view(request: HttpRequest, viewer: Actor) -> HttpResponse:
        return HttpResponse(f"done: {request.POST.get('text', '')}")

    made = Workflow(
        slug="fresh-test",
        title="Test",
        icon="lock",
        roles=frozenset({Role.OEM}),
        steps=(Step(path="", name="fresh_test", view=view, fresh=True),),
    )
    monkeypatch.setitem(workflows._registered, made.slug, made)
    settings.ROOT_URLCONF = "tests.portal.mfa.urls"
    return "/fresh-test/"


def test_a_step_is_opened_after_the_second_factor(
    client: Client, person: User, log_in: LogIn, step: str
) -> None:
    found = second_factor.app(person)
    log_in(person)
    client.post("/login/second-factor/", {"code": found.code(steps=-1)})
    asked = client.get(f"{step}?of=1")
    assert asked.headers["Location"] == "/account/confirm/?next=/fresh-test/%3Fof%3D1"
    done = client.post(asked.headers["Location"], {"confirm-code": found.code()})
    assert done.headers["Location"] == f"{step}?of=1"
    assert client.get(step).content == b"done: "


def test_a_person_without_factor_is_led_to_set_one_up(
    client: Client, person: User, log_in: LogIn, step: str
) -> None:
    log_in(person)
    assert client.get(step).headers["Location"] == f"/account/second-factor/?next={step}"
    page = client.post(step, {"text": "typed <b>"})
    assert page.status_code == 403
    assert 'value="typed &lt;b&gt;"' in page.content.decode()
    assert "Set up a second factor" in page.content.decode()


def test_a_typed_text_goes_on_with_the_code(
    client: Client, person: User, log_in: LogIn, step: str
) -> None:
    found = second_factor.app(person)
    log_in(person)
    client.post("/login/second-factor/", {"code": found.code(steps=-1)})
    assert client.post(step, {"text": "typed"}).status_code == 403
    done = client.post(step, {"text": "typed", "confirm-code": found.code()})
    assert done.content == b"done: typed"


def test_a_request_of_a_script_is_led_to_the_page_that_asks(
    client: Client, person: User, log_in: LogIn, step: str
) -> None:
    found = second_factor.app(person)
    log_in(person)
    client.post("/login/second-factor/", {"code": found.code(steps=-1)})
    answer = client.post(
        step,
        headers={"HX-Request": "true", "HX-Current-URL": "http://evil.example/x"},
    )
    assert answer.headers["HX-Redirect"] == "/account/confirm/?next=/"


def test_without_a_keeper_nothing_is_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freshness, "_keepers", [])
    request = RequestFactory().get("/")
    assert not freshness.is_fresh(request)
    with pytest.raises(PermissionDenied):
        freshness.ask(request)
