"""The operator's pages in the portal."""

from django.utils.translation import gettext_lazy as _

from apps.audit.admin import AuditEventAdmin
from apps.contract_pool.admin import ContractAdmin, ContractDataAdmin
from apps.core.actor import Right, Role
from apps.core.web import workflows
from apps.core.web.admin import OPERATOR
from apps.core.web.navigation import Group
from apps.core.web.workflows import READING, Step, Workflow
from apps.operator import filters, views
from apps.pki.admin import IssuedCertificateAdmin
from apps.provisioning_pool.admin import ProvisioningCertificateAdmin

PARTY = _("Organisation")

AuditEventAdmin.extend(
    filters=[filters.organization("organization_id", PARTY, parameter="organization")]
)
ProvisioningCertificateAdmin.extend(
    filters=[
        filters.organization("owner", _("OEM"), parameter="oem", role=Role.OEM),
        filters.root("root", _("Root"), parameter="root"),
    ]
)
ContractAdmin.extend(filters=[filters.organization("mo", _("MO"), parameter="mo", role=Role.MO)])
ContractDataAdmin.extend(
    filters=[
        filters.root("root", _("V2G root"), parameter="root"),
        filters.root("contract_root", _("Root of the contract"), parameter="contract_root"),
    ]
)
IssuedCertificateAdmin.extend(
    filters=[filters.organization("owner", PARTY, parameter="organization")]
)

workflows.register(
    Workflow(
        slug="pools",
        title=_("Pools"),
        icon="database",
        roles=OPERATOR,
        group=Group.DAILY,
        order=5,
        steps=(
            Step(
                path="",
                name="operator_pools",
                view=views.pools,
                right=Right.VIEWER,
                methods=READING,
            ),
        ),
    )
)
workflows.register(
    Workflow(
        slug="health",
        title=_("Health"),
        icon="monitor_heart",
        roles=OPERATOR,
        group=Group.RECORDS,
        order=5,
        steps=(
            Step(
                path="",
                name="operator_health",
                view=views.page,
                right=Right.VIEWER,
                methods=READING,
            ),
            Step(
                path="now/",
                name="operator_health_now",
                view=views.now,
                right=Right.VIEWER,
                methods=READING,
            ),
        ),
    )
)
