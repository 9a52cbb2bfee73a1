"""The journal: changes page by page, and one of them whole."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from advisor.model.change import ChangeRecord, State
from advisor.model.errors import AmbiguousIdError
from advisor.ports.journal import Archive
from advisor.surfaces.views.change import ChangesView, ChangeView, change_view, changes_view
from advisor.surfaces.web.answers import answer, described
from advisor.surfaces.web.backing import Backing
from advisor.surfaces.web.limits import LimitedRoute
from advisor.surfaces.web.problems import RefusedError

USUAL_PAGE, LARGEST_PAGE = 50, 200
_LARGEST_CURSOR = 2**31 - 1

ChangeId = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{1,40}$", description="The whole id, such as chg_0123456789ab.")]


def router(backing: Backing) -> APIRouter:
    routes = APIRouter(tags=["changes"], route_class=LimitedRoute)

    @routes.get("/changes", responses=described(ChangesView, 503), summary="Changes, the newest first")
    def changes(
        request: Request,
        state: Annotated[list[State] | None, Query(description="Only in this state; may be repeated.")] = None,
        limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="At most so many on a page.")] = USUAL_PAGE,
        cursor: Annotated[
            int | None, Query(ge=1, le=_LARGEST_CURSOR, description="`next` of the page before this one.")
        ] = None,
    ) -> Response:
        """As `advisor changes -o json` prints it. Changes that are made meanwhile do not shift the pages."""
        records = backing.records
        page = records.page(backing.environment, limit, before=cursor, states=state or ())
        return answer(request, changes_view(backing.environment, page.changes, records.paused(), next_page=page.next))

    @routes.get("/changes/{change_id}", responses=described(ChangeView, 404, 503), summary="One change whole")
    def change(request: Request, change_id: ChangeId) -> Response:
        """As `advisor changes show ID -o json` prints it."""
        return answer(request, change_view(found(backing.records, change_id)))

    return routes


def found(archive: Archive, change_id: str) -> ChangeRecord:
    """The change with exactly this id. Raises RefusedError (404), JournalError."""
    try:
        record = archive.find(change_id)
    except AmbiguousIdError:
        record = None
    if record is None or record.id != change_id:
        raise RefusedError(404, f"there is no change {change_id!r}", fix="GET /api/v1/changes lists them")
    return record
