"""The application that an ASGI server runs."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingyuan.project.settings")
os.environ.setdefault("QINGYUAN_DATABASE_POOL", "16")

from django.core.asgi import get_asgi_application
from django.core.signals import request_finished
from django.db import connections


def give_connections_back(**_: object) -> None:
    """Give back what a request borrowed: its thread ends with it, so a connection kept would be kept for ever."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


application = get_asgi_application()
request_finished.connect(give_connections_back, dispatch_uid="give_connections_back")
