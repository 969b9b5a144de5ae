"""Whether a live address plays in a page, and why not where it does not."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _

from qingyuan.people.queries import User
from qingyuan.sensing.queries import MAY_SEE_LIVE
from qingyuan.showing.middleware.security import POLICY

FORMS = {".m3u8": "hls", ".mp4": "file", ".webm": "file"}
"""How an address ends, and how the page plays it: HLS by parts, or one file that does not end."""

_OWN_MACHINE = ("localhost", "127.0.0.1", "::1")


def form_of(address: str) -> str:
    """How a page plays an address; empty for what it does not, such as a media server's own page."""
    path = urlsplit(address).path.lower()
    return next((form for ending, form in FORMS.items() if path.endswith(ending)), "")


def why_not(address: str, *, secure: bool) -> str:
    """Why a live address does not play in a page, in words that do not tell the address; empty where it does."""
    parts = urlsplit(address)
    if not form_of(address):
        return _("its address is a page of the media server, not HLS, MP4 or WebM")
    if parts.username is not None:
        return _("its address carries a password, which browsers refuse")
    if f"{parts.scheme}://{parts.netloc}".lower() not in settings.LIVE_HOSTS:
        return _("its media server is not among those that pages may play from")
    if secure and parts.scheme == "http" and parts.hostname not in _OWN_MACHINE:
        return _("its address is http, and browsers play only https in this page")
    return ""


def let_play(answer: HttpResponse, viewer: User) -> HttpResponse:
    """Let a page read streams from the media servers that are allowed, for those who may see live pictures."""
    if viewer.role in MAY_SEE_LIVE and settings.LIVE_HOSTS:
        hosts = " ".join(settings.LIVE_HOSTS)
        more = f"media-src 'self' blob: {hosts}; connect-src 'self' {hosts}"
        answer.headers["Content-Security-Policy"] = f"{POLICY}; {more}"
    return answer
