"""What the vault sealed here: private keys."""

from apps.keys import rotation
from apps.keys.backends.vault import TABLE
from apps.keys.models import StoredKey

rotation.register(rotation.Rows(StoredKey, table=TABLE))
