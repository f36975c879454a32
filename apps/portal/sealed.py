"""What the vault sealed here: secrets of authenticator apps and recovery codes."""

from apps.keys import rotation
from apps.portal.login.resealing import Authenticators

rotation.register(Authenticators())
