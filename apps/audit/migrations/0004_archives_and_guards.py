from django.db import migrations, models

from apps.audit import guards


def guard(apps, schema_editor):
    guards.install(schema_editor.connection)


class Migration(migrations.Migration):
    """The triggers come with the last table that they look at.

    SQLite drops a table's triggers when a later migration rebuilds it: such a one calls `guard` again.
    """

    dependencies = [
        ('audit', '0003_index_of_names'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditArchive',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveBigIntegerField(unique=True)),
                ('at', models.DateTimeField()),
                ('name', models.CharField(max_length=100)),
                ('sha256', models.BinaryField(max_length=32)),
                ('first_seal', models.PositiveBigIntegerField()),
                ('last_seal', models.PositiveBigIntegerField()),
                ('last_mac', models.BinaryField(max_length=32)),
                ('events', models.PositiveIntegerField()),
                ('key_version', models.PositiveSmallIntegerField()),
                ('mac', models.BinaryField(max_length=32)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.RunPython(guard, migrations.RunPython.noop),
    ]
