"""Who is logged in, kept in the database as Django keeps it and read with less ado: every page asks for it."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.db import connection
from django.utils import timezone

from qingyuan.people.models import User

_LIVING = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"
_PERSON = "SELECT {columns} FROM people_user WHERE id = %s"


class SessionStore(db.SessionStore):
    """Django's own, except for how a session is read."""

    def load(self) -> dict[str, Any]:
        """What is kept of the session; nothing when it is over."""
        with connection.cursor() as cursor:
            cursor.execute(_LIVING, [self.session_key, timezone.now()])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        return self.decode(row[0])

    def _validate_session_key(self, key: str | None) -> bool:
        return "\0" not in (key or "") and bool(super()._validate_session_key(key))  # type: ignore[misc]


class Backend(ModelBackend):
    """Django's own, except for how the person of a session is read."""

    def get_user(self, user_id: Any) -> User | None:
        """The person, unless nobody has that number or the account is closed."""
        names = [field.attname for field in User._meta.concrete_fields]
        with connection.cursor() as cursor:
            cursor.execute(_PERSON.format(columns=", ".join(f'"{name}"' for name in names)), [user_id])
            row = cursor.fetchone()
        found = User.from_db(connection.alias, names, row) if row else None
        return found if found is not None and self.user_can_authenticate(found) else None
