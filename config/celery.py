"""The Celery application. Tasks carry primary keys; the database is the truth."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

app = Celery("plugpool")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
