"""A pool of any size for the demo: vehicles of its car maker Aurora Motors."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.demo import fleet
from apps.demo.building import plan
from apps.demo.building.trust import ROOT_NAMES
from apps.demo.fleet.making import MOST
from apps.demo.pki import DemoPki
from apps.participants.models import Organization
from apps.pki.models import Authority
from v2g.protocol import IsoVersion


class Command(BaseCommand):
    help = "Add vehicles with valid certificates to the PCP of the demo ecosystem."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--vehicles", type=int, required=True, metavar="N")

    def handle(self, *args: Any, vehicles: int, **options: Any) -> None:
        if not 1 <= vehicles <= MOST:
            raise CommandError(f"--vehicles takes 1 to {MOST:,}.")
        started = time.monotonic()
        root = Authority.objects.get(parent=None, name=ROOT_NAMES[IsoVersion.ISO_2])
        known = [root.certificate.extensions.subject_key_id or b""]
        for done in fleet.add_vehicles(maker=_aurora(), count=vehicles, v2g_roots=known):
            rate = done / (time.monotonic() - started)
            self.stdout.write(f"{done:,} of {vehicles:,} vehicles, {rate:,.0f}/s")


def _aurora() -> fleet.Maker:
    try:
        own = DemoPki.load(plan.AURORA.slug)
        owner = Organization.objects.get(name=plan.AURORA.name)
    except (LookupError, Organization.DoesNotExist) as error:
        raise CommandError("There is no demo ecosystem here; `make run` builds it.") from error
    at = f"{own.base_url}/sandbox/pki/{own.slug}/sub2"
    return fleet.Maker(
        owner=owner,
        wmi=plan.AURORA.wmis[0],
        sub2=own.sub2.certificate,
        sub1=own.sub1.certificate,
        key=own.sub2.key,
        ocsp_url=f"{at}/ocsp",
        crl_url=f"{at}/crl",
    )
