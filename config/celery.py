"""The Celery application. Tasks carry primary keys; the database is the truth."""

import gc
import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

app = Celery("plugpool")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect  # type: ignore[untyped-decorator]  # celery has no types
def spare_what_stays(**_: Any) -> None:
    """Let the garbage collector look at the work alone, not at modules that stay for ever."""
    gc.collect()
    gc.freeze()
