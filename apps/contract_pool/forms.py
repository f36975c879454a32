"""What people type about contracts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.contract_pool.models import Contract
from apps.core.web.actions import ActionForm
from apps.core.web.display import day


class DefaultForm(ActionForm):
    """One of the running contracts of the vehicle that the form is about."""

    emaid = forms.ChoiceField(
        label=_("Contract"),
        widget=forms.Select(attrs={"class": "pp-input"}),
        error_messages={
            "invalid_choice": _("This contract does not run for the vehicle any more.")
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        running = list(Contract.objects.running().of_vehicles([self.row.pcid]).order_by("pk"))
        choices = [(contract.emaid, _choice(contract)) for contract in running]
        self.fields["emaid"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField
        self.initial["emaid"] = next((one.emaid for one in running if one.is_default), None)


def _choice(contract: Contract) -> str:
    words = {"emaid": contract.emaid, "day": day(contract.ends)}
    if contract.is_default:
        return _("%(emaid)s, until %(day)s (default now)") % words
    return _("%(emaid)s, until %(day)s") % words
