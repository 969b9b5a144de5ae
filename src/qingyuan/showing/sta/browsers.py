"""What a browser asks before it lets the script of another site speak to the API, and what it is told.

A script may only use a token that it has been given: what a person's session opens is not sent along to another site,
since the answer names every origin.
"""

from http import HTTPStatus

from django.http import HttpResponse

VERBS = "GET, HEAD, OPTIONS, POST, PATCH, PUT"
_TOLD = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Location, WWW-Authenticate, Allow"}
_ASKED = {
    "Allow": VERBS,
    "Access-Control-Allow-Methods": VERBS,
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Accept-Language",
    "Access-Control-Max-Age": "86400",
}


def possibilities() -> HttpResponse:
    """The answer to OPTIONS, which a browser asks without a token."""
    return HttpResponse(status=HTTPStatus.NO_CONTENT, headers=_ASKED)


def opened(response: HttpResponse) -> HttpResponse:
    """An answer that scripts of other sites may read."""
    for name, value in _TOLD.items():
        response.headers[name] = value
    return response
