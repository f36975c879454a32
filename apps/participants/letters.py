"""What is written to people by e-mail: plain text, in the person's language."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.participants import links
from apps.participants.models import LinkMail

Kind = LinkMail.Kind
SUBJECTS: dict[str, str | Promise] = {
    Kind.INVITATION: _("Your invitation to Plugpool"),
    Kind.RESET: _("A new password for Plugpool"),
}


def with_link(mail: LinkMail) -> EmailMessage:
    """Write the message of a row, with a link made now.

    No name that the inviting person typed stands in it: the address may be anybody's.
    """
    with translation.override(mail.user.language or mail.language or settings.LANGUAGE_CODE):
        context = {
            "link": f"{str(settings.PUBLIC_URL).rstrip('/')}{links.password_link(mail.user)}",
            "hours": settings.PASSWORD_RESET_TIMEOUT // 3600,
            "organization": mail.organization,
        }
        text = render_to_string(f"participants/mail/{mail.kind}.txt", context)
        return EmailMessage(str(SUBJECTS[mail.kind]), text.strip() + "\n", to=[mail.user.email])
