"""The trust store in the portal: roots to install, and what changed since the last download."""

import io
import zipfile
from hashlib import sha256

import pytest
from django.test import Client

from apps.core.actor import Right
from apps.participants.models import Organization
from apps.root_pool import services
from apps.root_pool.models import RootCertificate, TrustStoreDownload
from tests.factories import parties, pki, trust
from v2g.pki.bundle import read_bundle
from v2g.pki.profiles import Branch

Type = RootCertificate.Type
PAGE = "/trust-store/"


@pytest.fixture
def oem(db: None) -> Organization:
    return parties.organization(wmis=["WVW"])


def browser(organization: Organization, right: Right = Right.VIEWER) -> Client:
    client = Client()
    user = parties.member(organization=organization, right=right)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def root(root_type: Type, salt: str) -> RootCertificate:
    branch = Branch(root_type) if root_type is not Type.V2G else Branch.V2G
    der = pki.make_root(branch, at=trust.now(), salt=salt).der
    return trust.trusted_root(der=der, root_type=root_type)


@pytest.mark.parametrize("form", ["pem", "p7b", "zip"])
def test_the_roots_of_a_type_are_handed_out_in_the_usual_forms(
    oem: Organization, form: str
) -> None:
    wanted = {root(Type.V2G, "a").certificate, root(Type.V2G, "b").certificate}
    root(Type.MO, "c")
    answer = browser(oem).post(f"{PAGE}V2G/{form}/")
    assert f'filename="trust-store.{form}"' in answer.headers["Content-Disposition"]
    if form == "zip":
        archive = zipfile.ZipFile(io.BytesIO(answer.content))
        found = {one for name in archive.namelist() for one in read_bundle(archive.read(name))}
    else:
        found = set(read_bundle(answer.content))
    assert found == wanted


def test_the_page_says_what_changed_since_the_organisation_took_them(oem: Organization) -> None:
    stays, goes = root(Type.V2G, "a"), root(Type.V2G, "b")
    client = browser(oem)
    assert "Your organisation has not downloaded them yet." in client.get(PAGE).content.decode()
    client.post(f"{PAGE}V2G/pem/")
    taken = TrustStoreDownload.objects.get()
    assert set(taken.roots) == {bytes(one.fingerprint).hex() for one in (stays, goes)}
    colleague = browser(oem)
    assert "Nothing has changed since" in colleague.get(PAGE).content.decode()
    RootCertificate.objects.filter(pk=goes.pk).update(state=RootCertificate.State.REMOVED)
    comes = root(Type.V2G, "c")
    page = colleague.get(PAGE).content.decode()
    changes = page.split("pp-changes")[1].split("</ul>")[0]
    assert bytes(comes.fingerprint).hex().upper()[:16] in changes
    assert bytes(goes.fingerprint).hex().upper()[:16] in changes
    assert bytes(stays.fingerprint).hex().upper()[:16] not in changes
    assert (changes.count("Added"), changes.count("Removed")) == (1, 1)
    other = browser(parties.organization(wmis=["WBA"]))
    assert "Nothing has changed" not in other.get(PAGE).content.decode()
    client.post(f"{PAGE}V2G/p7b/")
    assert "Nothing has changed since" in client.get(PAGE).content.decode()


def test_a_root_added_and_one_removed_by_two_persons_are_told_to_who_took_the_store(
    oem: Organization,
) -> None:
    goes, client = root(Type.V2G, "a"), browser(oem)
    assert client.post(f"{PAGE}V2G/zip/").status_code == 200
    der = pki.make_root(Branch.V2G, at=trust.now(), salt="b").der
    editor, admin = trust.operator_people()
    comes = services.submit(actor=editor, der=der, root_type=Type.V2G)
    services.ask_removal(actor=editor, root=goes)
    assert "Nothing has changed since" in client.get(PAGE).content.decode()
    services.confirm(actor=admin, root=comes, fingerprint=sha256(der).hexdigest())
    services.confirm_removal(actor=admin, root=goes)
    page = client.get(PAGE).content.decode()
    changes = " ".join(page.split("pp-changes")[1].split("</ul>")[0].split())
    for changed, word in ((comes, "Added"), (goes, "Removed")):
        assert bytes(changed.fingerprint).hex().upper()[:16] in changes
        assert changes.count(word) == 1
    taken = client.post(f"{PAGE}V2G/pem/")
    assert set(read_bundle(taken.content)) == {comes.certificate}
    assert "Nothing has changed since" in client.get(PAGE).content.decode()


def test_nothing_to_download_leads_back_with_the_reason(oem: Organization) -> None:
    answer = browser(oem).post(f"{PAGE}MO/pem/", follow=True)
    assert answer.redirect_chain == [(PAGE, 302)]
    assert "There is no trusted root certificate of this type." in answer.content.decode()
    assert not TrustStoreDownload.objects.exists()


def test_each_role_finds_its_types(oem: Organization) -> None:
    cpo = parties.organization(roles=(), operator_ids=["DEABC"])
    assert 'id="store-PE"' in browser(cpo).get(PAGE).content.decode()
    page = browser(oem).get(PAGE).content.decode()
    assert 'id="store-PE"' not in page
    assert page.index('id="store-V2G"') < page.index('id="store-OEM"')


@pytest.mark.parametrize("tail", ["V2G/pem/", "NONE/pem/", "V2G/exe/"])
def test_what_is_not_offered_is_refused(oem: Organization, tail: str) -> None:
    root(Type.V2G, "a")
    client = browser(oem)
    assert client.get(PAGE + tail).status_code == 405
    assert client.post(PAGE + tail).status_code == (200 if tail == "V2G/pem/" else 404)
    operator = browser(trust.operator(), Right.ADMIN)
    assert operator.get(PAGE).status_code == 403
    assert operator.post(PAGE + tail).status_code == 403
    assert Client().post(PAGE + tail).headers["Location"].startswith("/login/")
