"""The rule about check digits of EMAIDs, wherever one comes in."""

from django.conf import settings

from apps.core.errors import Invalid
from v2g.ids import Emaid


def require_check_digit(emaid: Emaid) -> None:
    """Refuse a wrong 15th character, where EMAID_CHECK_DIGIT_REQUIRED asks for it (Invalid).

    An EMAID of 14 characters has none to be wrong.
    """
    if settings.EMAID_CHECK_DIGIT_REQUIRED and not emaid.has_valid_check_digit:
        raise Invalid("check_digit", f"emaid : its check digit must be {emaid.check_digit}")
