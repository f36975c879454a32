"""What charge point operators work with in the portal."""

from django.utils.translation import gettext_lazy as _

from apps.core.actor import Right, Role
from apps.core.web import workflows
from apps.core.web.workflows import Step, Workflow
from apps.cpo import views

INSPECTOR = workflows.register(
    Workflow(
        slug="inspector",
        title=_("Message inspector"),
        icon="frame_inspect",
        roles=frozenset({Role.CPO, Role.OPERATOR}),
        order=80,
        steps=(Step(path="", name="cpo_inspector", view=views.inspect, right=Right.VIEWER),),
    )
)
