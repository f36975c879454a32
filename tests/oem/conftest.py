"""A car maker with its PKI, and a person of it at the browser."""

from dataclasses import dataclass

import pytest
from django.test import Client

from apps.core.actor import Actor, Right
from apps.participants import selectors
from apps.participants.models import Organization, User
from tests.factories import parties, trust


@dataclass
class Maker:
    """A car maker: its organisation, an editor logged in, and its trusted PKI."""

    organization: Organization
    user: User
    client: Client
    oem: trust.OemPki

    @property
    def actor(self) -> Actor:
        return selectors.actor_of_member(user=self.user, organization=self.organization)

    def another(self, right: Right) -> Client:
        """A colleague with another right."""
        return browser(parties.member(organization=self.organization, right=right))


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def maker_of(wmi: str) -> Maker:
    organization = parties.organization(wmis=[wmi])
    user = parties.member(organization=organization)
    return Maker(organization, user, browser(user), trust.oem_pki())


@pytest.fixture
def maker(db: None) -> Maker:
    return maker_of("WVW")


@pytest.fixture
def other(db: None) -> Maker:
    return maker_of("WBA")
