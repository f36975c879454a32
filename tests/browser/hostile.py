"""An organisation whose every free text is meant to run, made in a process of the stack's settings.

    python -m tests.browser.hostile

Prints the log-in of its person as JSON.
"""

import json
import sys
from typing import Final

import django

if __name__ == "__main__":
    django.setup()

from apps.core.actor import Right, Role, system
from apps.events import services as events
from apps.events.models import EventKind
from apps.participants import selectors, services
from v2g.ids import ProviderId

TEXT: Final = "');alert(1)//{{7*7}}<img src=/x onerror=alert(1)>"
EVALUATED: Final = "');alert(1)//49"
PERSON: Final = "mallory@hostile.example"
PASSWORD: Final = "correct horse battery staple"


def main() -> None:
    maker = system("tests")
    organization = services.create_organization(actor=maker, name=TEXT, roles=(Role.MO, Role.OEM))
    services.assign_provider_id(
        actor=maker, organization=organization, provider_id=ProviderId.parse("DEEVL")
    )
    user = services.create_member(
        actor=maker,
        organization=organization,
        email=PERSON,
        right=Right.ADMIN,
        name=TEXT,
        password=PASSWORD,
    )
    services.create_client(actor=maker, organization=organization, name=TEXT, roles=(Role.MO,))
    actor = selectors.actor_of_member(user=user, organization=organization)
    events.create_endpoint(
        actor=actor,
        url="https://hooks.example.org/in?next=');alert(1)//{{7*7}}",
        events=[EventKind.ROOT_ADDED],
        description=TEXT,
    )
    sys.stdout.write(json.dumps({"username": PERSON, "password": PASSWORD}))


if __name__ == "__main__":
    main()
