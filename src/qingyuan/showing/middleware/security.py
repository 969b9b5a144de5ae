"""What a page may load and who may embed it: nothing from elsewhere, and nobody."""

from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

POLICY = "; ".join(
    (
        "default-src 'self'",
        "worker-src 'self' blob:",  # the map draws in a worker that it makes from a blob
        "img-src 'self' data: blob:",
        "style-src 'self' 'unsafe-inline'",  # map and chart set styles on their own elements
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
PERMISSIONS = "geolocation=(self), camera=(self), microphone=(), payment=(), usb=()"


class ContentSecurityPolicy(MiddlewareMixin):
    """Put the headers on every answer that did not set stricter ones itself."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", "private, no-cache")  # what one person saw is not for the next
        return response
