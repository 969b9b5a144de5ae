"""How it shows that the database cannot be used now."""

import django.db
import psycopg

DATABASE_AWAY = (
    django.db.OperationalError, django.db.InterfaceError,
    psycopg.OperationalError, psycopg.InterfaceError,  # COPY raises these as they are
)  # fmt: skip
