"""Contracts from before learn when they need a successor, a batch at a time."""

from datetime import timedelta

from django.db import migrations
from django.db.models import Exists, Min, OuterRef

BATCH = 1000
SAME_END = timedelta(days=1)


def note(apps, schema_editor):
    contracts = apps.get_model("contract_pool", "Contract").objects
    data = apps.get_model("contract_pool", "ContractData").objects
    issued = apps.get_model("pki", "IssuedCertificate").objects
    ours = issued.filter(fingerprint=OuterRef("certificate_fingerprint"))
    last = 0
    while rows := list(contracts.filter(pk__gt=last, state="running").order_by("pk")[:BATCH]):
        last = rows[-1].pk
        of_rows = data.filter(contract__in=[row.pk for row in rows])
        by_us = set(of_rows.filter(Exists(ours)).values_list("contract", flat=True))
        ends = dict(
            of_rows.order_by().values_list("contract").annotate(Min("certificate_not_after"))
        )
        for row in rows:
            row.made_by_us = row.pk in by_us or row.pk not in ends
            end = ends.get(row.pk)
            lasts = end is not None and row.made_by_us and row.ends - end < SAME_END
            row.successor_by = None if lasts else end
        contracts.bulk_update(rows, ["made_by_us", "successor_by"], batch_size=BATCH)


class Migration(migrations.Migration):
    # Each batch is a transaction of its own: the table may be long, and is in use meanwhile.
    atomic = False

    dependencies = [
        ("contract_pool", "0004_renewals"),
        ("pki", "0006_indexes_of_lists"),
    ]

    operations = [migrations.RunPython(note, migrations.RunPython.noop)]
