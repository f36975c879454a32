"""What charge point operators work with in the portal."""

from django.utils.translation import gettext_lazy as _

from apps.core.actor import Right, Role
from apps.core.web import workflows
from apps.core.web.workflows import READING, Step, Workflow
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

STATIONS = workflows.register(
    Workflow(
        slug="charge-point-certificates",
        title=_("Charge point certificates"),
        icon="ev_station",
        roles=frozenset({Role.CPO}),
        order=30,
        steps=(
            Step(
                path="",
                name="cpo_stations",
                view=views.stations,
                right=Right.VIEWER,
                methods=READING,
            ),
        ),
    )
)

REQUESTS = workflows.register(
    Workflow(
        slug="installation-requests",
        title=_("Installation requests"),
        icon="install_desktop",
        roles=frozenset({Role.CPO}),
        order=35,
        steps=(
            Step(
                path="",
                name="cpo_requests",
                view=views.requests,
                right=Right.VIEWER,
                methods=READING,
            ),
        ),
    )
)
