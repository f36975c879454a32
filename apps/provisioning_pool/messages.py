"""The texts of OPCP for the PCP, word for word, as errors."""

from apps.core.errors import Forbidden, Invalid, NotFound
from v2g.errors import IdError
from v2g.ids import Pcid


def not_found() -> NotFound:
    """No such vehicle in the pool."""
    return NotFound(
        "vehicle_unknown", "The OEM provisioning certificate with given PCID is not found."
    )


def malformed(field: str) -> Invalid:
    """A certificate of the body that cannot be read."""
    return Invalid("malformed", f"Invalid certificate format on {field}")


def foreign_owner() -> Forbidden:
    """The vehicle was published by another organisation."""
    return Forbidden("foreign_owner", "This PCID was published by another organisation.")


def parse_pcid(text: str) -> Pcid:
    """Read a PCID; Invalid with OPCP's text."""
    try:
        return Pcid.parse(text)
    except IdError as error:
        raise Invalid("pcid", str(error)) from error
