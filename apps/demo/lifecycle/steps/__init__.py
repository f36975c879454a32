"""The steps, in order; each does its part over HTTP and fails loudly."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from apps.demo.lifecycle.steps import (
    charge_points,
    contracts,
    installation,
    trust,
    vehicles,
    webhooks,
)
from apps.demo.lifecycle.steps.lifecycle import Lifecycle

__all__ = ["STEPS", "Lifecycle", "Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """Who does what; `act` does it and returns what came of it in a few words, then details."""

    who: str
    what: str
    act: Callable[[Lifecycle], str]


OPERATOR: Final = "Operator"
OEM: Final = "OEM"
MO: Final = "MO"
OWN_CA_MO: Final = "MO own CA"
CPO: Final = "CPO"

STEPS: Final[tuple[Step, ...]] = (
    Step(OPERATOR, "submits the roots of an OEM and of an MO", trust.submit_roots),
    Step(OPERATOR, "second person confirms their fingerprints", trust.confirm_roots),
    Step(OEM, "publishes three vehicles", vehicles.publish),
    Step(OEM, "registers a webhook endpoint", webhooks.register),
    Step(MO, "looks the vehicles up, checks their chains", vehicles.look_up),
    Step(MO, "has contract data generated", contracts.generate),
    Step(OEM, "receives the webhook, sent by Celery", webhooks.hear_of_creation),
    Step(OWN_CA_MO, "has its contract data signed and stored", contracts.sign_and_store),
    Step(OWN_CA_MO, "has other data signed, stores it itself", contracts.sign_then_store),
    Step(CPO, "trades the three vehicles' requests", installation.install),
    Step(OEM, "fetches the first one for telematics", installation.fetch),
    Step(MO, "has a second contract made for vehicle 1", contracts.generate_second),
    Step(OEM, "makes it the default of the vehicle", contracts.make_default),
    Step(CPO, "trades vehicle 1's request again", installation.install_default),
    Step(CPO, "asks OCSP about the contract certificate", contracts.check_good),
    Step(CPO, "enrols a charge point over EST", charge_points.enrol),
    Step(CPO, "re-enrols it with a new key", charge_points.re_enrol),
    Step(MO, "terminates the default contract", contracts.terminate),
    Step(CPO, "asks OCSP again", contracts.check_revoked),
    Step(OEM, "receives the webhook about the end", webhooks.hear_of_deletion),
    Step(OEM, "withdraws vehicle 2", vehicles.withdraw),
)
