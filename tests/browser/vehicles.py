"""Vehicles that leave Aurora's factory during a test, so that no test needs another's."""

from itertools import count
from pathlib import Path
from typing import Final

from pytest_django import Settings

from apps.demo.lifecycle.vehicle import Vehicle
from apps.demo.pki import DemoPki

_NUMBERS: Final = count(1)


def make(settings: Settings, folder: Path) -> Vehicle:
    """Issue a provisioning certificate in the PKI that the demo's car maker keeps in `folder`."""
    settings.VAR_DIR = folder
    pki = DemoPki.load("aurora")
    pcid = f"AURWALK{next(_NUMBERS):010d}"
    leaf = pki.leaf(pcid)
    chain = (leaf.certificate, pki.sub2.certificate, pki.sub1.certificate)
    return Vehicle(pcid, leaf.key, chain, ())
