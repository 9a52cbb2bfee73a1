"""What the last cycle found and proposed, and the rules that it asked."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from advisor.surfaces.views.report import ReportView
from advisor.surfaces.views.rule import RuleBookView
from advisor.surfaces.web.answers import answer, described
from advisor.surfaces.web.backing import Backing
from advisor.surfaces.web.limits import LimitedRoute
from advisor.surfaces.web.problems import RETRY_SECONDS, RefusedError


def router(backing: Backing) -> APIRouter:
    routes = APIRouter(tags=["report"], route_class=LimitedRoute)

    @routes.get("/report", responses=described(ReportView, 503), summary="The last cycle's report")
    def report(request: Request) -> Response:
        """As `advisor report -o json` prints it, of the daemon's own last look."""
        view = backing.report()
        if view is None:
            fix = "ask again after the first cycle, or see /-/ready"
            raise RefusedError(503, "no cycle has ended yet", fix=fix, Retry_After=RETRY_SECONDS)
        return answer(request, view)

    @routes.get("/rules", responses=described(RuleBookView), summary="Every rule")
    def rules(request: Request) -> Response:
        """As `advisor rules -o json` prints it."""
        return answer(request, backing.rules())

    return routes
