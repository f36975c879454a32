"""Signs of life of the parts that run in the background."""

from django.db import models


class Heartbeat(models.Model):
    """When a part last did what the clock asked of it."""

    part = models.CharField(max_length=20, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.part} {self.at}"
