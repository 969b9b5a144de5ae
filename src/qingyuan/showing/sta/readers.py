"""Who asks: a feed by its token, a person by the session or a token, or anybody where the bureau opened its data.

A browser asks before it lets the script of another site speak to the API. Such a script may only use a token that it
has been given: what a person's session opens is not sent along to another site, since the answer names every origin.
"""

import base64
import binascii
from dataclasses import dataclass
from http import HTTPStatus

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from qingyuan.kit.errors import Forbidden
from qingyuan.kit.log import Origin
from qingyuan.people.api import reader_by_token
from qingyuan.people.queries import User
from qingyuan.places.queries import territory_of
from qingyuan.sensing.api import feed_by_token
from qingyuan.sensing.queries import Feed
from qingyuan.showing.middleware.programs import token_of
from qingyuan.showing.sta.errors import VERBS, Unknown

CONNECTOR = "sta"
_TOLD = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Location, WWW-Authenticate, Allow"}
_ASKED = {
    "Allow": VERBS,
    "Access-Control-Allow-Methods": VERBS,
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Accept-Language",
    "Access-Control-Max-Age": "86400",
}


@dataclass(frozen=True)
class Reader:
    """What the one who asks may see. Without a feed and a person, it is anybody, and the data are open."""

    feed: Feed | None = None
    person: User | None = None
    address: str = ""

    def of_stations(self, prefix: str = "") -> Q:
        """The condition on a queryset whose rows reach a station through `prefix`."""
        if self.feed is not None:
            return Q(**{f"{prefix}id__in": self.feed.stations.values("pk")})
        return territory_of(self.person).of_stations(prefix) if self.person is not None else Q()

    @property
    def origin(self) -> Origin:
        """What the log says of who acts."""
        return Origin(self.feed.sender if self.feed else "", self.address)

    def author(self) -> Feed:
        """The feed, where it may write.

        Raises
        ------
        Unknown
            No token was sent.
        Forbidden
            The feed delivers in another form.
        """
        if self.feed is None:
            raise Unknown("found no token of a feed, expected one: only feeds write here")
        if self.feed.connector != CONNECTOR:
            raise Forbidden(
                f"feed {self.feed.code} delivers by {self.feed.connector}, expected the connector {CONNECTOR}"
            )
        return self.feed


def reader_of(request: HttpRequest) -> Reader:
    """Who asks.

    Raises
    ------
    Unknown
        Nobody, or with a token that opens nothing.
    """
    address = address_of(request)
    given = request.headers.get("Authorization", "")
    if given and (token := token_of(request)):
        return Reader(person=_person_of(token), address=address)
    if given:
        return Reader(feed=feed_of(*credentials(given)), address=address)
    if isinstance(request.user, User):
        return Reader(person=request.user, address=address)
    if settings.STA_OPEN:
        return Reader(address=address)
    raise Unknown("found neither a session nor a token, expected one of them: these data are not open")


def _person_of(token: str) -> User:
    try:
        return reader_by_token(token)
    except Forbidden as error:
        raise Unknown(str(error)) from error


def address_of(request: HttpRequest) -> str:
    """Host and port from which a request came."""
    return f"{request.META.get('REMOTE_ADDR', '')}:{request.META.get('REMOTE_PORT', '0')}"


def credentials(given: str) -> tuple[str, str]:
    """A feed's code (empty where a token says enough) and its token, out of the header Authorization.

    Raises
    ------
    Unknown
        It is of another scheme, or cannot be read.
    """
    scheme, _, value = given.partition(" ")
    return ("", value.strip()) if scheme.lower() == "bearer" else _basic(scheme.lower(), value.strip())


def feed_of(code: str, token: str) -> Feed:
    """The feed with a token.

    Raises
    ------
    Unknown
        There is none, or it has another code than the one given.
    """
    try:
        feed = feed_by_token(token)
    except Forbidden as error:
        raise Unknown(str(error)) from error
    if code and code != feed.code:
        raise Unknown(f"found the token of another feed than {code}")
    return feed


def _basic(scheme: str, given: str) -> tuple[str, str]:
    if scheme != "basic":
        raise Unknown(
            f"found Authorization {scheme}, expected Bearer with a token, or Basic with a feed's code and token"
        )
    try:
        code, _, token = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise Unknown("found Basic authorization that is no base64, expected a feed's code and token") from None
    return code, token


def possibilities() -> HttpResponse:
    """The answer to OPTIONS, which a browser asks without a token."""
    return HttpResponse(status=HTTPStatus.NO_CONTENT, headers=_ASKED)


def opened(response: HttpResponse) -> HttpResponse:
    """An answer that scripts of other sites may read."""
    for name, value in _TOLD.items():
        response.headers[name] = value
    return response
