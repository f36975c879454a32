"""The outbox, webhook endpoints, and delivery of the one to the other."""

from apps.events.services.again import redeliver, send_test
from apps.events.services.dispatching import dispatch
from apps.events.services.endpoints import (
    create_endpoint,
    delete_endpoint,
    roll_secret,
    update_endpoint,
)
from apps.events.services.fanout import fan_out
from apps.events.services.outbox import Message, emit, emit_many
from apps.events.services.retention import purge
from apps.events.services.sweeping import sweep

__all__ = [
    "Message",
    "create_endpoint",
    "delete_endpoint",
    "dispatch",
    "emit",
    "emit_many",
    "fan_out",
    "purge",
    "redeliver",
    "roll_secret",
    "send_test",
    "sweep",
    "update_endpoint",
]
