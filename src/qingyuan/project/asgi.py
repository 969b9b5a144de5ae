"""The application that an ASGI server runs."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingyuan.project.settings")
os.environ.setdefault("QINGYUAN_DATABASE_POOL", "16")

from django.core.asgi import get_asgi_application

application = get_asgi_application()
