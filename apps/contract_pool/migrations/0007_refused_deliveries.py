from django.db import migrations, models

REFUSED = models.Q(("outcome", "refused"))


class Migration(migrations.Migration):
    dependencies = [
        ("contract_pool", "0006_ends_of_certificates"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                fields=["organization", "-at", "-id"],
                condition=REFUSED,
                name="delivery_refused_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                fields=["-at", "-id"], condition=REFUSED, name="delivery_refused_at"
            ),
        ),
    ]
