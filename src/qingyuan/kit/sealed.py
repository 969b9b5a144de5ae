"""Fields whose values lie enciphered in the database, with a key that is not kept there.

Who gets hold of the tables alone, or of a dump without the file `secret_key`, reads none of the passwords in them.
"""

import base64
import json
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from qingyuan.kit.errors import SealedOtherwise


class SealedText(models.CharField):  # type: ignore[type-arg]
    """A text that is enciphered in the database; `max_length` is that of the text itself. An empty one stays empty."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Sealed, it is longer than the text."""
        return "text"

    def get_prep_value(self, value: Any) -> Any:
        """Seal it."""
        return seal(value) if value else value

    def from_db_value(self, value: str | None, *_unused: Any) -> Any:
        """Open it."""
        return unseal(value) if value else value


class SealedJSON(models.JSONField):
    """A JSON value that is enciphered in the database; nothing can be asked of its parts."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Sealed, it is no JSON."""
        return "text"

    def get_db_prep_value(self, value: Any, *_unused: Any, **_more: Any) -> Any:
        """Seal it."""
        return seal(json.dumps(value, ensure_ascii=False))

    def from_db_value(self, value: str | None, *_unused: Any) -> Any:
        """Open it."""
        return json.loads(unseal(value)) if value else None


def seal(text: str) -> str:
    """Encipher a text with the platform's key."""
    return _fernet(settings.SECRET_KEY).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Open what `seal` made.

    Raises
    ------
    SealedOtherwise
        It was sealed with another key, or is damaged.
    """
    try:
        return _fernet(settings.SECRET_KEY).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        message = "found a sealed value of another key, expected the file secret_key that belongs to the database"
        raise SealedOtherwise(message) from error


@cache
def _fernet(key: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"qingyuan.kit.sealed").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
