from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_indexes_of_lists'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['actor_label', '-id'], name='audit_actor', opclasses=['varchar_pattern_ops', 'int8_ops']),
        ),
    ]
