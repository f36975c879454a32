"""What ends and waits for a person: contracts of an MO, own authorities, signers and roots."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from apps.core.actor import Actor, Role
from apps.core.web.display import number
from apps.core.web.paging import capped_count
from apps.mo import renewals
from apps.pki import rolling as authorities
from apps.provisioning_service import rolling as signers
from apps.root_pool.models import RootCertificate

SOON: Final = timedelta(days=90)

Waiting = tuple[str, str]
"""A sentence, and where it is settled."""


def waiting(viewer: Actor) -> Iterator[Waiting]:
    """Say what ends and is not followed by itself, where the viewer can do something about it."""
    if viewer.has(Role.MO):
        page = reverse("admin:mo_to_renew")
        yield from _counted(capped_count(renewals.asked(viewer)), _to_hand_in, page)
        yield from _counted(capped_count(renewals.failing(viewer)), _failed, page)
    if viewer.has(Role.OPERATOR):
        now = timezone.now()
        blocked = sum(one.obstacle is not None for one in authorities.due(now=now))
        yield from _counted(blocked, _authorities, reverse("admin:pki_authority_changelist"))
        stuck = sum(one.obstacle is not None for one in signers.due(now=now))
        address = reverse("admin:provisioning_service_signer_changelist")
        yield from _counted(stuck, _signers, address)
        ending = RootCertificate.objects.trusted().filter(not_after__lt=now + SOON)
        address = reverse("admin:root_pool_rootcertificate_changelist") + "?state=trusted"
        yield from _counted(capped_count(ending), _roots, address)


def _counted(count: int, said: Callable[[int], str], href: str) -> Iterator[Waiting]:
    if count:
        yield said(count) % {"count": number(count)}, href


def _to_hand_in(count: int) -> str:
    return ngettext(
        "%(count)s contract waits for new data of your own CA.",
        "%(count)s contracts wait for new data of your own CA.",
        count,
    )


def _failed(count: int) -> str:
    return ngettext(
        "%(count)s contract could not be renewed.",
        "%(count)s contracts could not be renewed.",
        count,
    )


def _authorities(count: int) -> str:
    return ngettext(
        "%(count)s authority needs a successor that is not made by itself.",
        "%(count)s authorities need successors that are not made by themselves.",
        count,
    )


def _signers(count: int) -> str:
    return ngettext(
        "%(count)s V2G root has nobody who signs contract data for long.",
        "%(count)s V2G roots have nobody who signs contract data for long.",
        count,
    )


def _roots(count: int) -> str:
    return ngettext(
        "%(count)s root ends within 90 days.",
        "%(count)s roots end within 90 days.",
        count,
    )
