"""The bytes of footage as files under their hash; of a payload that holds them, the segment has a receipt."""

import hashlib

from django.db import connection

from qingyuan.kit import canonical, disk
from qingyuan.sensing.errors import FootageDamaged
from qingyuan.sensing.models.cameras import path_of

_TAKE_TURN = "SELECT pg_advisory_xact_lock(hashtext('sensing.footage'), hashtext(%s))"


def hash_of(raw: bytes) -> str:
    """The hash by which bytes are known."""
    return hashlib.sha256(raw).hexdigest()


def take_turn(sha256: str) -> None:
    """Until the transaction ends nobody else keeps, or removes, the bytes of this hash."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_TURN, [sha256])


def keep(raw: bytes) -> str:
    """Write the bytes where they are not yet; answers their hash."""
    sha256 = hash_of(raw)
    disk.put(path_of(sha256), raw)
    return sha256


def receipt(raw: bytes) -> bytes:
    """Keep the bytes as a file, and answer what stands for them among the raw packets."""
    return canonical.text({"bytes_kept": keep(raw), "size": len(raw)}).encode()


def read(sha256: str) -> bytes:
    """The bytes that were kept under a hash.

    Raises
    ------
    FootageDamaged
        They are gone, or others.
    """
    try:
        content = path_of(sha256).read_bytes()
    except FileNotFoundError as error:
        raise FootageDamaged(f"the file {sha256} is gone") from error
    if hash_of(content) != sha256:
        raise FootageDamaged(f"found bytes with SHA-256 {hash_of(content)}, expected {sha256}")
    return content
