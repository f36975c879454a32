"""The operator's pages in the portal."""

from django.utils.translation import gettext_lazy as _

from apps.core.actor import Right
from apps.core.web import workflows
from apps.core.web.admin import OPERATOR
from apps.core.web.navigation import Group
from apps.core.web.workflows import READING, Step, Workflow
from apps.operator import views

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
