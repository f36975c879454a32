"""What the vault sealed here: secrets of webhooks."""

from apps.events.models import WebhookEndpoint
from apps.events.secrets import TABLE
from apps.keys import rotation

rotation.register(rotation.Rows(WebhookEndpoint, table=TABLE))
