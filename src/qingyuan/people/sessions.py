"""Who is logged in, kept in the database as Django keeps it and read with less ado: every page asks for it."""

from collections import OrderedDict
from contextvars import ContextVar
from functools import cache
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.db import connection
from django.utils import timezone

from qingyuan.people.models import User

_LIVING = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"
_PERSON = "SELECT {columns} FROM people_user WHERE id = %s"
_MOST_REMEMBERED = 4096
_whose: OrderedDict[str, int] = OrderedDict()  # session → who it was when last asked: only a guess what to ask for
_beside: ContextVar[tuple[Any, ...] | None] = ContextVar("_beside", default=None)  # the person read with the session


class SessionStore(db.SessionStore):
    """Django's own, except for how a session is read: with the person whose it was the last time, in one turn."""

    def load(self) -> dict[str, Any]:
        """What is kept of the session; nothing when it is over."""
        key = str(self.session_key)
        with connection.cursor() as cursor:
            sql = f"{_LIVING}; {_person()}"
            cursor.execute(sql, [key, timezone.now(), _whose.get(key, 0)])
            row = cursor.fetchone()
            cursor.nextset()
            _beside.set(cursor.fetchone())
        if row is None:
            _beside.set(None)
            _whose.pop(key, None)
            self._session_key = None
            return {}
        found = self.decode(row[0])
        _remember(key, found.get(SESSION_KEY))
        return found

    def _validate_session_key(self, key: str | None) -> bool:
        return "\0" not in (key or "") and bool(super()._validate_session_key(key))  # type: ignore[misc]


class Backend(ModelBackend):
    """Django's own, except for how the person of a session is read."""

    def get_user(self, user_id: Any) -> User | None:
        """The person, unless nobody has that number or the account is closed."""
        row = _beside.get()
        _beside.set(None)  # good for the request that read it, and there for one question
        if row is None or row[_names().index("id")] != user_id:
            with connection.cursor() as cursor:
                cursor.execute(_person(), [user_id])
                row = cursor.fetchone()
        found = User.from_db(connection.alias, _names(), row) if row else None
        return found if found is not None and self.user_can_authenticate(found) else None


def _names() -> list[str]:
    return [field.attname for field in User._meta.concrete_fields]


@cache
def _person() -> str:
    return _PERSON.format(columns=", ".join(f'"{name}"' for name in _names()))


def _remember(key: str, number: str | None) -> None:
    """Whose a session is; of very many the ones asked for longest ago are forgotten."""
    if number is None or not number.isdigit():
        return
    _whose[key] = int(number)
    _whose.move_to_end(key)
    while len(_whose) > _MOST_REMEMBERED:
        _whose.popitem(last=False)
