"""A person's word on a change: stored in the journal, carried out by the daemon that leads, in its next cycle."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from advisor.model.change import ChangeRecord
from advisor.surfaces.views.change import ChangeView, change_view
from advisor.surfaces.web.answers import Who, answer, described
from advisor.surfaces.web.backing import Backing
from advisor.surfaces.web.changes import ChangeId, found
from advisor.surfaces.web.limits import LimitedRoute

LONGEST_REASON = 500
Text = Annotated[str, Field(max_length=LONGEST_REASON, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Approval(BaseModel):
    """What is approved."""

    model_config = ConfigDict(extra="forbid")

    plan: str | None = Field(
        None,
        pattern="^[0-9a-f]{16}$",
        description="`plan_hash` of the change as it was looked at: refused with 409 when it is another by now",
    )


class Objection(BaseModel):
    """Why."""

    model_config = ConfigDict(extra="forbid")

    reason: Text = Field("", description="stands in the change's life")


def router(backing: Backing) -> APIRouter:
    routes = APIRouter(
        tags=["decisions"], route_class=LimitedRoute, responses=described(ChangeView, 404, 409, 503, status=202)
    )
    records = backing.records

    @routes.post("/changes/{change_id}/approve", status_code=202, summary="Let a change happen")
    def approve(request: Request, change_id: ChangeId, who: Who, body: Approval | None = None) -> Response:
        """One that is held after its trial is kept. Who approves is who the token or the proxy says, never the body."""
        plan = body.plan if body is not None else None
        return _stored(request, backing.decisions().approve(found(records, change_id).id, who, plan=plan))

    @routes.post("/changes/{change_id}/reject", status_code=202, summary="Drop a change")
    def reject(request: Request, change_id: ChangeId, who: Who, body: Objection | None = None) -> Response:
        """One that is held after its trial goes back."""
        return _stored(request, backing.decisions().reject(found(records, change_id).id, who, _reason(body)))

    @routes.post("/changes/{change_id}/rollback", status_code=202, summary="Put the old value back")
    def roll_back(request: Request, change_id: ChangeId, who: Who, body: Objection | None = None) -> Response:
        """Of a change that is on trial, or that was kept."""
        return _stored(request, backing.decisions().roll_back(found(records, change_id).id, who, _reason(body)))

    return routes


def _reason(body: Objection | None) -> str:
    return body.reason if body is not None else ""


def _stored(request: Request, record: ChangeRecord) -> Response:
    return answer(request, change_view(record), 202, {"Location": f"/api/v1/changes/{record.id}"})
