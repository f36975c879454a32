"""EMAIDs for new contracts: proposed, or checked as they were typed."""

import secrets
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from apps.contract_pool.models import Contract
from apps.core.actor import Actor
from apps.core.errors import Conflict, Invalid
from v2g.errors import IdError
from v2g.ids import Emaid, ProviderId

ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, 1, I and O: people read EMAIDs to each other."""
TRIES: Final = 20
MAX_TYPED: Final = 40


@dataclass(frozen=True, slots=True)
class Checked:
    """An EMAID that may be concluded; `warning` where its check digit is not the computed one."""

    emaid: Emaid
    warning: str = ""


def random(provider_id: ProviderId) -> Emaid:
    """Make an EMAID of C and eight random characters, with its check digit."""
    instance = "C" + "".join(secrets.choice(ALPHABET) for _place in range(8))
    return Emaid.compose(provider_id, instance)


def propose(provider_id: ProviderId) -> Emaid:
    """Make an EMAID that no contract has or had. Raises Conflict where chance finds none."""
    for _number in range(TRIES):
        emaid = random(provider_id)
        if not Contract.objects.filter(emaid_key=emaid.key).exists():
            return emaid
    raise Conflict("no_emaid", "No free EMAID was found. Enter one yourself.")


def check(actor: Actor, typed: str) -> Checked:
    """Read an EMAID that is to be concluded, see `form`. Raises Invalid also for one in use."""
    checked = form(actor, typed)
    if is_used(checked.emaid):
        raise Invalid("emaid_in_use", _("A contract with this EMAID is running already."))
    return checked


def form(actor: Actor, typed: str) -> Checked:
    """Read an EMAID without asking the pool.

    Raises Invalid: its form, a provider id of somebody else, and, where the setting asks for it, a
    wrong check digit.
    """
    try:
        emaid = Emaid.parse("".join(typed[:MAX_TYPED].split()))
    except IdError as error:
        raise Invalid("emaid_form", _form()) from error
    if str(emaid.provider_id) not in actor.provider_ids:
        own = ", ".join(sorted(actor.provider_ids))
        message = _("%(provider)s is not a provider id of yours. Yours: %(own)s.")
        raise Invalid("foreign_provider", message % {"provider": emaid.provider_id, "own": own})
    return Checked(emaid, _digit_warning(emaid))


def is_used(emaid: Emaid) -> bool:
    """Tell whether a contract with this EMAID is running."""
    return Contract.objects.running().filter(emaid_key=emaid.key).exists()


def _digit_warning(emaid: Emaid) -> str:
    """Say what the check digit should be. Raises Invalid where a wrong one is not accepted."""
    if emaid.has_valid_check_digit:
        return ""
    said = {"given": emaid.given_check_digit, "computed": emaid.check_digit}
    if settings.EMAID_CHECK_DIGIT_REQUIRED:
        message = _("The check digit %(given)s is wrong: it must be %(computed)s.")
        raise Invalid("check_digit", message % said)
    return _("The check digit %(given)s is not the computed one, which is %(computed)s.") % said


def _form() -> str:
    said = {"example": "DE-ABC-C12345678-X"}
    return _("An EMAID looks like %(example)s; the check digit at its end may be left out.") % said
