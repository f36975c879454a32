"""Keys that were revoked as compromised, also those revoked before this release."""

import hashlib
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import migrations, models


def remember(apps: Any, schema_editor: Any) -> None:
    issued = apps.get_model("pki", "IssuedCertificate").objects
    compromised = apps.get_model("pki", "CompromisedKey").objects
    rows = issued.filter(state="revoked", reason__in=["keyCompromise", "cACompromise"])
    for der, revoked_at in rows.values_list("der", "revoked_at").iterator():
        key = x509.load_der_x509_certificate(bytes(der)).public_key()
        spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        compromised.get_or_create(
            key_hash=hashlib.sha256(spki).digest(), defaults={"revoked_at": revoked_at}
        )


class Migration(migrations.Migration):
    dependencies = [
        ("pki", "0008_fewer_indexes_of_issued"),
    ]

    operations = [
        migrations.CreateModel(
            name="CompromisedKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key_hash", models.BinaryField(max_length=32, unique=True)),
                ("revoked_at", models.DateTimeField()),
            ],
        ),
        migrations.RunPython(remember, migrations.RunPython.noop),
    ]
