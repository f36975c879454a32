"""Whether a common name is the identifier that a profile asks for."""

from collections.abc import Callable
from typing import Final

from v2g.errors import IdError
from v2g.ids import Emaid, EvccId, Pcid, parse_station_name
from v2g.pki.profiles import NameRule

_PARSERS: Final[dict[NameRule, Callable[[str], object]]] = {
    NameRule.FREE: str,
    NameRule.EMAID: Emaid.parse,
    NameRule.PCID: Pcid.parse,
    NameRule.EVCCID: EvccId.parse,
    NameRule.STATION: parse_station_name,
}


def fits(rule: NameRule, common_name: str) -> bool:
    """Tell whether the common name follows the rule."""
    try:
        _PARSERS[rule](common_name)
    except IdError:
        return False
    return True
