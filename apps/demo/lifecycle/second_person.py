"""What the second person of the operator does in the portal: confirm a root's fingerprint.

    python -m apps.demo.lifecycle.second_person FINGERPRINT

OPCP has no operation for it, so here it is the service that the portal's page calls too, in a
process that has the server's settings.
"""

import sys
from collections.abc import Mapping
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from apps.demo import state
from apps.participants import selectors
from apps.participants.models import Organization, User
from apps.root_pool import services
from apps.root_pool.models import RootCertificate


def confirm(ecosystem: Mapping[str, Any], fingerprint: str) -> None:
    """Confirm the waiting root with this SHA-256 (hex) as the last person of the operator."""
    operator = next(one for one in ecosystem["organizations"] if "OPERATOR" in one["roles"])
    user = User.objects.get(email=operator["users"][-1]["username"])
    organization = Organization.objects.get(name=operator["name"])
    services.confirm(
        actor=selectors.actor_of_member(user=user, organization=organization),
        root=RootCertificate.objects.get(
            fingerprint=bytes.fromhex(fingerprint), state=RootCertificate.State.SUBMITTED
        ),
        fingerprint=fingerprint,
    )


if __name__ == "__main__":
    confirm(state.read(), sys.argv[1])
