"""The MO's pages in the portal."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from apps.contract_pool.admin import ContractAdmin
from apps.core.actor import Right, Role
from apps.core.web import workflows
from apps.core.web.finding import suggests
from apps.core.web.uploads import Allowance
from apps.core.web.workflows import READING, Workflow
from apps.core.web.workflows import Step as Page
from apps.mo import decisions, finding
from apps.mo.list_files import MAX_BYTES
from apps.mo.steps import Step
from apps.mo.views import bulk, lookup, progress, renewals, steps

ContractAdmin.extend(
    action_pages=(decisions.Renew(), decisions.HandIn()), links=(decisions.receipt,)
)
suggests(finding.look_up)

MO: Final = frozenset({Role.MO})
WRITING: Final = frozenset({"POST"})

CONCLUDE: Final = workflows.register(
    Workflow(
        slug="conclude",
        title=_("Conclude a contract"),
        icon="add_circle",
        roles=MO,
        order=15,
        prominent=True,
        steps=(
            Page(path="", name="mo_conclude", view=steps.start),
            Page(
                path="unfinished/",
                name="mo_conclude_unfinished",
                view=steps.unfinished_list,
                methods=READING,
            ),
            *(
                Page(
                    path=f"<uuid:draft>/{step}/",
                    name=f"mo_conclude_{step}",
                    view=steps.step_view(step),
                )
                for step in Step
            ),
            Page(
                path="<uuid:draft>/typed/<slug:step>/",
                name="mo_conclude_typed",
                view=steps.typed,
                methods=WRITING,
            ),
            Page(
                path="<uuid:draft>/discard/",
                name="mo_conclude_discard",
                view=steps.discard,
                methods=WRITING,
            ),
            Page(
                path="<uuid:draft>/progress/",
                name="mo_conclude_progress",
                view=progress.progress,
                methods=READING,
            ),
            Page(
                path="<uuid:draft>/live/",
                name="mo_conclude_live",
                view=progress.live,
                methods=READING,
            ),
            Page(
                path="<uuid:draft>/again/",
                name="mo_conclude_again",
                view=progress.again,
                methods=WRITING,
            ),
            Page(
                path="<uuid:draft>/change/",
                name="mo_conclude_change",
                view=progress.change,
                methods=WRITING,
            ),
            Page(
                path="receipt/<int:contract>/",
                name="mo_receipt",
                view=progress.receipt,
                right=Right.VIEWER,
                methods=READING,
            ),
        ),
    )
)

BULK: Final = workflows.register(
    Workflow(
        slug="contract-lists",
        title=_("Contracts from a list"),
        icon="playlist_add",
        roles=MO,
        order=16,
        prominent=True,
        steps=(
            Page(
                path="",
                name="mo_list",
                view=bulk.upload,
                uploads=Allowance(octets=MAX_BYTES, files=1),
            ),
            Page(path="template.csv", name="mo_list_template", view=bulk.template, methods=READING),
            Page(path="<uuid:checked>/", name="mo_list_dry_run", view=bulk.dry_run),
            Page(
                path="<uuid:checked>/rows.csv",
                name="mo_list_rows",
                view=bulk.rows_csv,
                methods=READING,
            ),
        ),
    )
)

LOOK_UP: Final = workflows.register(
    Workflow(
        slug="vehicle-look-up",
        title=_("Vehicle look-up"),
        icon="search_check",
        roles=MO,
        order=18,
        steps=(Page(path="", name="mo_look_up", view=lookup.look_up, right=Right.VIEWER),),
    )
)

TO_RENEW: Final = workflows.register(
    Workflow(
        slug="to-renew",
        title=_("To renew"),
        icon="autorenew",
        roles=MO,
        order=17,
        steps=(
            Page(
                path="",
                name="mo_to_renew",
                view=renewals.to_renew,
                right=Right.VIEWER,
                methods=READING,
            ),
            Page(
                path="contracts.csv",
                name="mo_to_renew_csv",
                view=renewals.to_renew_csv,
                right=Right.VIEWER,
                methods=READING,
            ),
        ),
    )
)
