"""The kill switch."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from advisor.surfaces.views.pause import PauseView, pause_view
from advisor.surfaces.web.answers import Who, answer, described
from advisor.surfaces.web.backing import Backing
from advisor.surfaces.web.decisions import Text
from advisor.surfaces.web.limits import LimitedRoute

log = structlog.get_logger()


class Stop(BaseModel):
    """How far to stop."""

    model_config = ConfigDict(extra="forbid")

    reason: Text = Field("no reason given", description="shown to everybody who asks")
    freeze: Annotated[bool, Field(strict=True)] = Field(
        False, description="hold back a roll-back that is owed, too; the answer says what is left changed"
    )


def router(backing: Backing) -> APIRouter:
    routes = APIRouter(tags=["pause"], route_class=LimitedRoute, responses=described(PauseView, 503, status=202))
    records = backing.records

    @routes.post("/pause", status_code=202, summary="Change nothing until it is resumed")
    def pause(request: Request, who: Who, body: Stop | None = None) -> Response:
        """In force at once and durable; a roll-back that is owed still happens, unless `freeze`."""
        asked = body if body is not None else Stop.model_validate({})
        begun = records.pause(f"{asked.reason}, by {who}", backing.clock.now(), freeze=asked.freeze)
        log.info("paused", who=who, reason=asked.reason, freeze=asked.freeze)
        return answer(request, pause_view(begun, records.open_change(backing.environment)), 202)

    @routes.post("/resume", status_code=202, summary="End a pause")
    def resume(request: Request, who: Who) -> Response:
        """Nothing happens when there is none."""
        records.resume()
        log.info("resumed", who=who)
        return answer(request, pause_view(None, None), 202)

    return routes
