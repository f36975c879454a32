"""Drafts: what a person has typed so far. Nothing here is a row of a pool."""

import uuid
from datetime import timedelta
from typing import Any, Final, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.contract_pool.models import Contract
from apps.core.actor import Actor, ActorKind
from apps.core.models import TimeStamped
from apps.jobs.models import Job
from apps.participants.models import Organization, User

KEPT: Final = timedelta(days=7)
"""So long after its last change a draft or a list is kept."""


class OwnedQuerySet(models.QuerySet[Any]):
    """Chainable conditions."""

    def of(self, viewer: Actor) -> Self:
        """Begun by this person for this organisation."""
        if viewer.kind is not ActorKind.PERSON:
            return self.none()
        return self.filter(organization_id=viewer.organization_id, person_id=int(viewer.identifier))


class ConclusionDraft(TimeStamped):
    """One contract on its way from the first typed character to the CCP.

    `typed` keeps the texts of all steps as they were typed, also wrong ones; the columns hold what
    passed its check. `root` is empty for every V2G root that the vehicle carries. `own_data` is
    the checked body of OPCP's contractData, where the MO made it with its own CA: nothing in it is
    secret, the contract key is encrypted for the vehicle.

    Once ordered, a worker holds it by `lease` until `leased_until`; `stage` says how far it came.
    `contract` is set in the transaction that stores the contract, so each draft makes one at most.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Being filled in")
        ORDERED = "ordered", _("On its way")
        STORED = "stored", _("Stored in the CCP")
        FAILED = "failed", _("Failed")

    class Stage(models.TextChoices):
        ORDERED = "ordered", _("Ordered")
        ISSUED = "issued", _("Certificate issued")
        SIGNED = "signed", _("Signed")
        STORED = "stored", _("Stored in the CCP")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    typed = models.JSONField(default=dict)
    pcid = models.CharField(max_length=18, blank=True)
    emaid = models.CharField(max_length=15, blank=True)
    begins = models.DateTimeField(null=True)
    ends = models.DateTimeField(null=True)
    root = models.UUIDField(null=True)
    own_data = models.JSONField(default=dict)
    stage = models.CharField(max_length=10, choices=Stage, blank=True)
    code = models.CharField(max_length=60, blank=True)
    message = models.CharField(max_length=300, blank=True)
    contract = models.OneToOneField(Contract, models.SET_NULL, null=True, related_name="+")
    ordered_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    nudged_at = models.DateTimeField(default=timezone.now)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["organization", "person", "-updated_at"], name="draft_person"),
            models.Index(
                fields=["nudged_at"], condition=Q(state="ordered"), name="draft_on_its_way"
            ),
            models.Index(fields=["updated_at"], name="draft_age"),
        ]

    def __str__(self) -> str:
        return self.emaid or self.pcid or str(self.uuid)


class ConclusionList(TimeStamped):
    """A list of contracts after its dry run: nothing is concluded before `job` is set, once.

    `rows` are the checked rows in the order of the file: number, the values as text, and what is
    wrong with a row, if anything.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    rows = models.JSONField(default=list)
    job = models.OneToOneField(Job, models.SET_NULL, null=True, related_name="+")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["updated_at"], name="list_age")]

    def __str__(self) -> str:
        return self.name
