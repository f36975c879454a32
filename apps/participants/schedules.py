"""What recurs among the participants."""

from apps.core.schedules import every

every(86_400, "participants.roll_token_key", title="Access tokens: roll the signing key")
every(60, "participants.sweep_mails", title="People: send links by e-mail that are due")
