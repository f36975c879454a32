"""Who takes part, read from `ecosystem.json`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from apps.demo.lifecycle.backends import Backend, StepFailed
from apps.demo.lifecycle.receiver import Receiver

Confirm = Callable[[str], None]
"""The second person of the operator confirms the root with this SHA-256 fingerprint (hex)."""


@dataclass
class Cast:
    """The parties' backends, what a second person does in the portal, the OEM's receiver."""

    base_url: str
    operator: Backend
    oem: Backend
    mo: Backend
    own_ca_mo: Backend
    cpo: Backend
    wmi: str
    provider_id: str
    own_ca_provider_id: str
    operator_id: str
    confirm: Confirm
    receiver: Receiver

    def names(self) -> dict[str, str]:
        """Who plays which part."""
        parts = {"OEM": self.oem, "MO": self.mo, "MO own CA": self.own_ca_mo, "CPO": self.cpo}
        return {part: backend.name.rpartition(" (")[0] for part, backend in parts.items()}


def assemble(
    ecosystem: Mapping[str, Any], *, http: httpx.Client, confirm: Confirm, receiver: Receiver
) -> Cast:
    """Give each part to the first organisation of the demo that can play it."""

    def backend(organization: Mapping[str, Any], role: str) -> Backend:
        client = next(one for one in organization["clients"] if role in one["roles"])
        name = f"{organization['name']} ({role})"
        secret = client["client_secret"]
        return Backend(name, client["client_id"], secret, ecosystem["token_url"], http)

    oem = _find(ecosystem, "OEM", own_pki=True)
    mo = _find(ecosystem, "MO", own_pki=False)
    own_ca_mo = _find(ecosystem, "MO", own_pki=True)
    cpo = _find(ecosystem, "CPO")
    return Cast(
        base_url=ecosystem["base_url"],
        operator=backend(_find(ecosystem, "OPERATOR"), "OPERATOR"),
        oem=backend(oem, "OEM"),
        mo=backend(mo, "MO"),
        own_ca_mo=backend(own_ca_mo, "MO"),
        cpo=backend(cpo, "CPO"),
        wmi=oem["wmis"][0],
        provider_id=mo["provider_ids"][0],
        own_ca_provider_id=own_ca_mo["provider_ids"][0],
        operator_id=cpo["operator_ids"][0],
        confirm=confirm,
        receiver=receiver,
    )


def _find(
    ecosystem: Mapping[str, Any], role: str, *, own_pki: bool | None = None
) -> Mapping[str, Any]:
    for organization in ecosystem["organizations"]:
        fits = own_pki is None or organization["own_pki"] == own_pki
        if role in organization["roles"] and fits:
            found: Mapping[str, Any] = organization
            return found
    raise StepFailed(f"The ecosystem has no {role} that could play this part.")
