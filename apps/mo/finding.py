"""What the search of the portal offers an MO beside its own rows."""

from collections.abc import Iterable
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor, Role
from apps.core.web.finding import Found
from apps.mo import vehicles
from v2g.errors import IdError
from v2g.ids import Pcid


def look_up(term: str, viewer: Actor) -> Iterable[Found]:
    """Lead from a whole PCID to the look-up; only there it counts and is told whose it is."""
    if not viewer.has(Role.MO):
        return
    try:
        pcid = Pcid.parse(vehicles.plain(term))
    except IdError:
        return
    address = f"{reverse('admin:mo_look_up')}?{urlencode({'pcid': pcid})}"
    kind = _("Look up this vehicle")
    yield Found(title=str(pcid), kind=kind, href=address, icon="search_check", code=True)
