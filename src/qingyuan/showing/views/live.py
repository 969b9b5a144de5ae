"""The address of the live stream."""

from http import HTTPStatus

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse

from qingyuan.people.queries import Role
from qingyuan.showing import live
from qingyuan.showing.logic.paging import number_in
from qingyuan.showing.request import Request

LIMITED_TO_A_PLACE: frozenset[str] = frozenset({Role.GRID_WORKER, Role.ENTERPRISE})


async def stream(request: Request) -> HttpResponseBase:
    """Server-sent events, one for each new line of the log; after a break the missed ones first.

    Where the break began is told by `Last-Event-ID`, or by `after` in the address for the first connection of a page.
    People whose territory is a part of the district are told what kind of thing happened, not to what.
    """
    if live.hub().subscribers >= live.MOST_SUBSCRIBERS:
        return HttpResponse(status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "30"})
    user = await request.auser()
    number = request.headers.get("Last-Event-ID") or request.GET.get("after", "")
    last_seq = number_in(number)
    body = live.events(user.role not in LIMITED_TO_A_PLACE, last_seq)
    answer = StreamingHttpResponse(body, content_type="text/event-stream")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"  # nginx would hold events back otherwise
    return answer
