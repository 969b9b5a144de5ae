"""Who sends by a token, and how a sender is refused before anything is stored."""

from http import HTTPStatus

from django.http import HttpRequest
from ninja import Schema, Status
from ninja.security import HttpBearer

from qingyuan.kit.errors import Forbidden
from qingyuan.sensing.api import count_bad_token, feed_by_token
from qingyuan.sensing.queries import Feed, is_posted, takes_footage, takes_records

BAD_TOKENS_A_DAY = 50  # from one address, before it is told to wait
WAIT_S = "60"


class Refusal(Schema):
    """Why nothing was taken in."""

    error: str
    detail: str


class Refused(Exception):
    """An answer that is given before anything is stored."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail

    @property
    def answer(self) -> Status[dict[str, str]]:
        return Status(self.status.value, {"error": "".join(self.status.phrase.title().split()), "detail": self.detail})


class FeedToken(HttpBearer):
    """The token of an enabled feed; judged in the view, which answers and counts what is wrong with it."""

    def authenticate(self, request: HttpRequest, token: str) -> str:
        """Hand the token on."""
        return token

    def __call__(self, request: HttpRequest) -> str:
        """The token, or an empty one that opens nothing."""
        return str(super().__call__(request) or " ")


def peer_of(request: HttpRequest) -> str:
    """The address and port that a request came from."""
    return f"{request.META.get('REMOTE_ADDR', '')}:{request.META.get('REMOTE_PORT') or 0}"


def feed_of(request: HttpRequest, peer: str, *, films: bool = False, records: bool = False) -> Feed:
    """The feed that the token of a request belongs to, if it delivers what this address takes.

    Raises
    ------
    Refused
        It is none, or one of another kind; wrong tokens are counted.
    """
    try:
        feed = feed_by_token(str(request.auth).strip())  # type: ignore[attr-defined]
    except Forbidden as error:
        if count_bad_token(peer) > BAD_TOKENS_A_DAY:
            raise Refused(HTTPStatus.TOO_MANY_REQUESTS, f"{error}; too many from this address today") from error
        raise Refused(HTTPStatus.UNAUTHORIZED, str(error)) from error
    if not is_posted(feed) or (takes_footage(feed), takes_records(feed)) != (films, records):
        wanted = "of footage" if films else "of records" if records else "of readings"
        detail = f"found a token of feed {feed.code}, which is not one that is posted here, expected one {wanted}"
        raise Refused(HTTPStatus.CONFLICT, detail)
    return feed


def too_large(found: str, most: int) -> Refused:
    """The refusal of what is larger than it may be. [B]"""
    return Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"found {found}, expected at most {most}")
