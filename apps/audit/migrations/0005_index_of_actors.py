from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0004_archives_and_guards'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['actor_id', '-id'], name='audit_actor_id'),
        ),
    ]
