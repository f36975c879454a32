"""Identifiers of e-mobility: frozen values that exist only in their canonical form.

`parse` reads what people and machines send (any case, the separators of the field) and raises
IdError; `str` gives the canonical form back: upper case, without separators. Equality and hash
follow the canonical form.
"""

from v2g.ids.emaid import EMAID_RULE, Emaid
from v2g.ids.parties import OperatorId, ProviderId, Wmi
from v2g.ids.pcid import PCID_RULE, Pcid
from v2g.ids.stations import EvseId, SeccId, parse_station_name
from v2g.ids.vehicles import EvccId

__all__ = [
    "EMAID_RULE",
    "PCID_RULE",
    "Emaid",
    "EvccId",
    "EvseId",
    "OperatorId",
    "Pcid",
    "ProviderId",
    "SeccId",
    "Wmi",
    "parse_station_name",
]
