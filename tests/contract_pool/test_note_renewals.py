"""Contracts from before the release that renews learn when they need a successor."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps

from apps.contract_pool import services
from apps.contract_pool.models import Contract, ContractData
from tests.factories import contracts, trust

pytestmark = pytest.mark.django_db

MIGRATION = "apps.contract_pool.migrations.0005_note_renewals"


def _noted() -> dict[str, tuple[object, bool]]:
    rows = Contract.objects.values_list("emaid", "successor_by", "made_by_us")
    return {emaid: (by, ours) for emaid, by, ours in rows}


def test_old_rows_get_what_new_ones_have(monkeypatch: pytest.MonkeyPatch) -> None:
    module = import_module(MIGRATION)
    monkeypatch.setattr(module, "BATCH", 2)
    world = contracts.world(own_pki=True)
    world.sign()
    long = world.generate(emaid=world.mo.emaid(), ends=trust.now() + timedelta(days=1100))
    short = world.generate(emaid=world.mo.emaid())
    ended = world.mo.emaid()
    world.generate(emaid=ended)
    services.end(actor=world.mo.actor, emaid=ended)
    bare = world.generate(emaid=world.mo.emaid())
    ContractData.objects.filter(contract=bare).delete()
    wanted = _noted()
    assert wanted[str(world.emaid)][1] is False
    assert wanted[long.emaid][0] is not None
    assert wanted[short.emaid] == (None, True)
    Contract.objects.update(successor_by=None, made_by_us=True)
    module.note(apps, None)
    assert _noted() == wanted
