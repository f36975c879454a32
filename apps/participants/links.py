"""Links by which people set a password: for an invitation, or for whoever forgot it.

A link is good once (it is bound to the password and the last log-in) and for
PASSWORD_RESET_TIMEOUT seconds. It is a secret: show it once, to whom may hand it over.
"""

from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from apps.participants.models import User


def password_link(user: User) -> str:
    """Return the path below PUBLIC_URL at which this person sets a password."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    token = default_token_generator.make_token(user)
    return reverse("account_new_password", kwargs={"uidb64": uid, "token": token})
