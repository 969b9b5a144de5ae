"""How long pages take, for Prometheus."""

import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from prometheus_client import Histogram

REQUESTS = Histogram(
    "qingyuan_request_seconds",
    "Time to the first byte of an answer, by the name of the page",
    ["page", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


def time_requests(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Observe every request under the name of its page; addresses that lead nowhere share one name."""

    def answer(request: HttpRequest) -> Any:
        began = time.perf_counter()
        response = get_response(request)
        page = request.resolver_match.view_name if request.resolver_match else "none"
        REQUESTS.labels(page, str(response.status_code)).observe(time.perf_counter() - began)
        return response

    return answer
