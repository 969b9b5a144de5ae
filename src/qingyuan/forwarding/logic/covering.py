"""How what leaves is enciphered, and what must not leave because it came enciphered and would go on in the clear."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from qingyuan.forwarding.models import Cipher, Destination
from qingyuan_science.hj212 import Dialect, Keys, must_be_enciphered, read_key
from qingyuan_science.hj212.dialect import STRICT_BY_EDITION


class CameEnciphered(Exception):
    """What came enciphered would go on in the clear, and nobody has allowed that."""


@dataclass(frozen=True)
class Cover:
    """The keys of a line: its own, and those that the platform above gave to single numbers."""

    dialect: Dialect
    key: bytes | None = None
    by_mn: Mapping[str, bytes] = field(default_factory=dict)
    former: Mapping[str, bytes] = field(default_factory=dict)  # those before, of numbers that were given a new one
    in_clear: bool = False  # whether what came enciphered may go on in the clear

    def key_for(self, mn: str, cn: str, *, came_enciphered: bool) -> bytes | None:
        """The key that a message goes out with; None where it goes in the clear.

        Raises
        ------
        CameEnciphered
            It would go in the clear, and must not.
        """
        key = self.by_mn.get(mn, self.key)
        if key is not None:
            return key if came_enciphered or must_be_enciphered(cn, "device-to-host") else None
        if came_enciphered and not self.in_clear:
            raise CameEnciphered
        return None

    @property
    def keys(self) -> Keys:
        """The keys as the codec asks for them, to read what comes from above."""
        return lambda mn: tuple(key for key in (self.by_mn.get(mn), self.former.get(mn), self.key) if key is not None)

    def lets_out(self, *, came_enciphered: bool) -> bool:
        """Whether content may leave that came as it did."""
        return not came_enciphered or self.in_clear or self.key is not None


def cover_of(destination: Destination) -> Cover:
    """What a platform above is set to."""
    dialect = STRICT_BY_EDITION[destination.edition]
    if destination.cipher == Cipher.NONE:
        return Cover(dialect, in_clear=destination.enciphered_in_clear)
    rows = list(destination.identities.all())
    given = {one.mn or one.own: read_key(one.key) for one in rows if one.key}
    former = {one.mn or one.own: read_key(one.former_key) for one in rows if one.former_key}
    return Cover(replace(dialect, cipher=destination.cipher), read_key(destination.key), given, former)
