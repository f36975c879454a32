"""Messages with a link that sets a password, as rows until they are sent."""

from django.db import models
from django.db.models import Q

from apps.participants.models.organizations import Organization
from apps.participants.models.people import User


class LinkMail(models.Model):
    """A link to be sent to a person. The link is made while sending: no row or message holds it.

    `due_at` is when the next attempt may be made; whoever makes one moves it past its own end.
    `language` is that of the page on which it was asked for; what the person chose comes first.
    """

    class Kind(models.TextChoices):
        INVITATION = "invitation"
        RESET = "reset"

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        DROPPED = "dropped"
        FAILED = "failed"

    kind = models.CharField(max_length=10, choices=Kind)
    user = models.ForeignKey(User, models.CASCADE, related_name="link_mails")
    organization = models.ForeignKey(Organization, models.CASCADE, null=True, related_name="+")
    language = models.CharField(max_length=10, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempt_count = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="link_mail_due"),
            models.Index(fields=["created_at"], name="link_mail_created"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
