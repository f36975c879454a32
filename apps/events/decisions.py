"""What the people of an organisation do with its webhooks."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor
from apps.core.web.actions import ActionForm, ActionPage
from apps.core.web.decisions import FormPage
from apps.core.web.making import Made, MakingPage
from apps.core.web.pages import Text
from apps.events import services
from apps.events.forms import EndpointForm, NewEndpointForm
from apps.events.models import WebhookDelivery, WebhookEndpoint
from apps.participants import rights
from apps.participants.rights import Operation


def _may_write(endpoint: WebhookEndpoint, viewer: Actor) -> bool:
    """Only the organisation itself: a secret and an address are its own."""
    owner = endpoint.organization_id
    return rights.may_on(viewer, Operation.WEBHOOKS_WRITE, organization_id=owner)


class RegisterWebhook(MakingPage):
    """A form above the list."""

    key = "register"
    label = _("Register a webhook")
    words = FormPage(
        title=_("Register a webhook"),
        lead=_("Your backend is told of what happens, by HTTP, signed with a secret of its own."),
        button=_("Register"),
        done=_("The webhook at %(name)s is registered. Its secret stands in the tab Secret."),
    )
    form = NewEndpointForm
    fields = {"url": "url", "events": "events"}

    def may(self, viewer: Actor) -> bool:
        return rights.may(viewer, Operation.WEBHOOKS_WRITE)

    def run(self, actor: Actor, typed: Mapping[str, Any]) -> Made:
        given = {name: typed[name] for name in ("url", "events", "description")}
        row = services.create_endpoint(actor=actor, identifier=typed["once"], **given)
        return Made(row=row)


class _OnEndpoint(ActionPage):
    def may(self, endpoint: WebhookEndpoint, viewer: Actor) -> bool:
        return _may_write(endpoint, viewer)


class ChangeWebhook(_OnEndpoint):
    """URL, events, and whether it is told anything."""

    key = "edit"
    label = _("Change")
    title = _("Change this webhook")
    done = _("The webhook at %(name)s was changed. It holds from the next event on.")
    tone = "primary"
    form = EndpointForm
    fields = {"url": "url", "events": "events"}

    def run(self, actor: Actor, endpoint: WebhookEndpoint, typed: Mapping[str, Any]) -> None:
        services.update_endpoint(actor=actor, endpoint=endpoint, **typed)


class SendTest(_OnEndpoint):
    """An event that says nothing but that it arrived."""

    key = "test"
    label = _("Send a test event")
    title = _("Send a test event?")
    lead = _("It is signed like every other one. What the receiver answers stands in Deliveries.")
    done = _("A test event is on its way to %(name)s. Its answer appears in Deliveries.")
    late = _("Enable the webhook first.")
    tone = "primary"

    def fits(self, endpoint: WebhookEndpoint) -> bool:
        return endpoint.state == WebhookEndpoint.State.ENABLED

    def run(self, actor: Actor, endpoint: WebhookEndpoint, typed: Mapping[str, Any]) -> None:
        services.send_test(actor=actor, endpoint=endpoint)


class RollSecret(_OnEndpoint):
    """Another secret in place of the one that may be known to others."""

    key = "roll-secret"
    label = _("New secret")
    title = _("Give this webhook a new secret?")
    done = _("The webhook at %(name)s has a new secret. It stands in the tab Secret.")

    def follows(self, endpoint: WebhookEndpoint) -> tuple[Text, ...]:
        return (
            _("From the next attempt on events are signed with the new secret alone."),
            _("A receiver that checks with the old one refuses them until you have changed it."),
        )

    def run(self, actor: Actor, endpoint: WebhookEndpoint, typed: Mapping[str, Any]) -> None:
        services.roll_secret(actor=actor, endpoint=endpoint)


class DeleteWebhook(_OnEndpoint):
    """For good, with its secret."""

    key = "delete"
    label = _("Delete")
    title = _("Delete this webhook?")
    lead = _("This cannot be taken back.")
    done = _("The webhook at %(name)s was deleted. Nothing more is sent there.")
    form = ActionForm
    typed = _("Type the host name to confirm")

    def expected(self, endpoint: WebhookEndpoint) -> str:
        return endpoint.host

    def follows(self, endpoint: WebhookEndpoint) -> tuple[Text, ...]:
        return (
            _("What waits for it is cancelled."),
            _("Its secret is destroyed. What was sent stays on record for its time."),
        )

    def run(self, actor: Actor, endpoint: WebhookEndpoint, typed: Mapping[str, Any]) -> None:
        services.delete_endpoint(actor=actor, endpoint=endpoint)


class Redeliver(ActionPage):
    """One delivery, once more."""

    key = "redeliver"
    label = _("Send again")
    title = _("Send this event again?")
    done = _("The event is on its way again.")
    late = _("Enable the webhook first.")
    tone = "primary"

    def may(self, delivery: WebhookDelivery, viewer: Actor) -> bool:
        return _may_write(delivery.endpoint, viewer)

    def fits(self, delivery: WebhookDelivery) -> bool:
        return delivery.endpoint.state == WebhookEndpoint.State.ENABLED

    def follows(self, delivery: WebhookDelivery) -> tuple[Text, ...]:
        if delivery.state == WebhookDelivery.State.WAITING:
            return (_("It waits for its next attempt; that one is due at once."),)
        return (
            _("A second delivery of the same event takes its place behind what waits."),
            _("The receiver knows it by the same event id, so it can tell that it had it already."),
        )

    def run(self, actor: Actor, delivery: WebhookDelivery, typed: Mapping[str, Any]) -> None:
        services.redeliver(actor=actor, delivery=delivery)
