"""The application that an ASGI server runs."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingyuan.project.settings")
os.environ.setdefault("QINGYUAN_DATABASE_POOL", "16")

import django
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.core.signals import request_finished
from django.db import connections


class Application(ASGIHandler):
    """Django's own, with everything around a view in the request's thread.

    As it comes, each middleware that knows no `async` is sent to that thread and back twice: 2 to 3 ms of a page.
    A view that is asynchronous runs in the loop as before, and so does what it streams.
    """

    _middleware_chain: Any

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)
        self._middleware_chain = sync_to_async(self._middleware_chain, thread_sensitive=True)


def give_connections_back(**_: object) -> None:
    """Give back what a request borrowed: its thread ends with it, so a connection kept would be kept for ever."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


django.setup(set_prefix=False)

from qingyuan.showing.sta.writing.posting import Posting  # noqa: E402 it needs the tables that were just set up

application = Posting(Application())
request_finished.connect(give_connections_back, dispatch_uid="give_connections_back")
