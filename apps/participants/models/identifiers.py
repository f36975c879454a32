"""Codes that a party owns and that decide which objects are its own."""

from django.db import models

from apps.participants.models.organizations import Organization


class _Identifier(models.Model):
    """A code in canonical upper case; it belongs to one organisation at a time."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="%(class)ss")

    class Meta:
        abstract = True
        ordering = ["value"]

    def __str__(self) -> str:
        return str(getattr(self, "value", ""))


class Wmi(_Identifier):
    """World manufacturer identifier (ISO 3780): the first three characters of a PCID."""

    value = models.CharField("WMI", max_length=3, unique=True)


class ProviderId(_Identifier):
    """Country and provider: the first five characters of an EMAID."""

    value = models.CharField("provider id", max_length=5, unique=True)


class OperatorId(_Identifier):
    """Country and operator: the first five characters of an EVSE id without separators."""

    value = models.CharField("operator id", max_length=5, unique=True)
