"""A car maker's pages in the portal."""

from django.utils.translation import gettext_lazy as _

from apps.core.actor import Right, Role
from apps.core.web import workflows
from apps.core.web.finding import suggests
from apps.core.web.uploads import Allowance
from apps.core.web.workflows import READING, Step, Workflow
from apps.oem import finding, vehicles
from apps.oem.files import MAX_IN
from apps.oem.views import cards, uploads
from apps.provisioning_pool.admin import ProvisioningCertificateAdmin

OEM = frozenset({Role.OEM})
MAX_FILES = 1_000

workflows.register(
    Workflow(
        slug="upload",
        title=_("Upload certificates"),
        icon="upload_file",
        roles=OEM,
        order=15,
        prominent=True,
        steps=(
            Step(
                path="",
                name="oem_upload",
                view=uploads.upload,
                uploads=Allowance(octets=MAX_IN, files=MAX_FILES),
            ),
            Step(path="<uuid:upload>/", name="oem_dry_run", view=uploads.dry_run),
            Step(
                path="<uuid:upload>/rows.csv",
                name="oem_dry_run_rows",
                view=uploads.rows_csv,
                methods=READING,
            ),
        ),
    )
)

workflows.register(
    Workflow(
        slug="pcid-card",
        title=_("PCID card"),
        icon="id_card",
        roles=OEM,
        in_menu=False,
        steps=(
            Step(
                path="<str:pcid>/",
                name="oem_pcid_card",
                view=cards.pcid_card,
                right=Right.VIEWER,
                methods=READING,
            ),
        ),
    )
)

ProvisioningCertificateAdmin.extend(
    tabs=(vehicles.deliveries_tab,), links=(vehicles.renewal, vehicles.card)
)
suggests(finding.contract_of_vehicle)
