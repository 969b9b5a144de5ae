"""SM4 on the content of CP, as HJ 212-2025 has it.

Full blocks of 16 bytes are enciphered, a shorter remainder stays clear, so no length changes. The CRC is that of the
segment before it was enciphered: whoever reads must decipher first.

Some senders write the cipher text as text, ``{0xE4,0x3E,...}`` before the clear remainder; both forms are read.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from qingyuan_science.hj212.codes import COMMANDS
from qingyuan_science.hj212.dialect import Dialect
from qingyuan_science.hj212.errors import BadKey

Keys = Callable[[str], Sequence[bytes]]
"""From the MN in a clear header to the keys that its device may use now, the newest first."""

BLOCK: Final = 16
"""Length of a block, and of a key. [byte]"""

LITERAL: Final = re.compile(rb"\{(0[xX][0-9A-Fa-f]{2}(?:,0[xX][0-9A-Fa-f]{2})*)\}")
"""Cipher text written as text."""

_CP: Final = re.compile(rb"[Cc][Pp]=&&")
_MN: Final = re.compile(rb"(?:\A|[;,])\s*MN\s*=\s*([^;,=&]*)", re.IGNORECASE)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ENCIPHERED: Final = frozenset((row.cn, row.direction) for row in COMMANDS if row.enciphered)


def read_key(text: str) -> bytes:
    """Read a key as people and messages write it.

    Parameters
    ----------
    text : str
        Sixteen characters, each a byte, as in the field NewSK; or 32 hex digits.

    Returns
    -------
    bytes
        The key, 16 bytes.

    Raises
    ------
    BadKey
        The text is neither.

    Examples
    --------
    >>> read_key("0000000000000000") == read_key("30" * 16)
    True
    """
    if len(text) == BLOCK and text.isascii():
        return text.encode("ascii")
    try:
        key = bytes.fromhex(text) if len(text) == 2 * BLOCK else b""
    except ValueError:
        key = b""
    if len(key) != BLOCK:
        raise BadKey(f"{len(text)} characters", "16 ASCII characters or 32 hex digits")
    return key


def encipher(content: bytes, key: bytes) -> bytes:
    """Encipher the content of CP.

    Parameters
    ----------
    content : bytes
        What stands between the ``&&``.
    key : bytes
        Sixteen bytes.

    Returns
    -------
    bytes
        As long as the content; what is left over after the last full block stays clear.

    Raises
    ------
    BadKey
        The key has another length.

    Source
    ------
    HJ 212-2025 annex A (second-hand; its example of a 2051 message was recomputed). SM4: GB/T 32907-2016.

    Notes
    -----
    Equal blocks give equal cipher text, and nothing proves who wrote it: this hides values from onlookers on the line
    and does not replace TLS.

    Examples
    --------
    >>> key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    >>> encipher(key + b"N", key).hex()
    '681edf34d206965e86b3e94f536e42464e'
    """
    return _sm4(content, key, reverse=False)


def decipher(content: bytes, key: bytes) -> bytes:
    """Decipher the content of CP; the reverse of `encipher`.

    Parameters
    ----------
    content : bytes
        What stands between the ``&&``, as bytes or in the form ``{0x..,0x..}``.
    key : bytes
        Sixteen bytes.

    Returns
    -------
    bytes

    Raises
    ------
    BadKey
        The key has another length.
    """
    literal = LITERAL.match(content)
    if literal:
        content = bytes(int(byte, 16) for byte in literal[1].split(b",")) + content[literal.end() :]
    return _sm4(content, key, reverse=True)


def as_literal(cipher_text: bytes) -> bytes:
    """Write cipher text in the form of the printed example.

    Parameters
    ----------
    cipher_text : bytes
        What `encipher` gave.

    Returns
    -------
    bytes
        ``{0xE4,0x3E,...}`` for the full blocks, the remainder as it is.

    Examples
    --------
    >>> as_literal(bytes(range(16)) + b"N")[-12:]
    b',0x0E,0x0F}N'
    """
    whole = len(cipher_text) // BLOCK * BLOCK
    if not whole:
        return cipher_text
    return b"{%s}%s" % (b",".join(b"0x%02X" % byte for byte in cipher_text[:whole]), cipher_text[whole:])


def must_be_enciphered(cn: str, direction: str) -> bool:
    """Say whether the edition of 2025 demands that the content of a command is enciphered on a public line.

    Parameters
    ----------
    cn : str
        Command code.
    direction : {"host-to-device", "device-to-host"}

    Returns
    -------
    bool

    Source
    ------
    HJ 212-2025 (second-hand): all uploads 2000 to 2999, and 1014 and 3020. That 1014 is meant in both directions and
    3020 for uploads is inferred: the new key travels to the device, site information from it.

    Examples
    --------
    >>> must_be_enciphered("2051", "device-to-host"), must_be_enciphered("2051", "host-to-device")
    (True, False)
    """
    upload_of_data = direction == "device-to-host" and len(cn) == 4 and cn.startswith("2")
    return upload_of_data or (cn, direction) in _ENCIPHERED


def key_to_use(cn: str, direction: str, dialect: Dialect, key: bytes | None) -> bytes | None:
    """Choose the key to write a message with.

    Parameters
    ----------
    cn, direction : str
        As for `must_be_enciphered`.
    dialect : Dialect
        How the peer speaks.
    key : bytes or None
        The device's key, if it has one.

    Returns
    -------
    bytes or None
        The key, or None where the message goes in the clear.
    """
    return key if dialect.cipher != "none" and must_be_enciphered(cn, direction) else None


def deciphered(segment: bytes, dialect: Dialect, keys: Keys) -> Iterator[bytes]:
    """Give what a data segment may say, under each of its device's keys.

    Parameters
    ----------
    segment : bytes
        As it came over the line.
    dialect : Dialect
        How the sender speaks: its text encodings.
    keys : callable
        See `Keys`.

    Yields
    ------
    bytes
        The segment in the clear, for each key that gives readable text; its CRC is still to be checked.
    """
    start = _CP.search(segment)
    if start is None or not segment.endswith(b"&&") or start.end() > len(segment) - 2:
        return
    content = segment[start.end() : -2]
    mn = _MN.search(segment, 0, start.start())
    for key in keys(mn[1].strip().decode("ascii", "replace") if mn else ""):
        clear = decipher(content, key)
        if readable(clear, dialect):
            yield segment[: start.end()] + clear + b"&&"


def came_under(key: bytes, raw: bytes, segment: bytes) -> bool:
    """Say whether a frame came enciphered under a key.

    Parameters
    ----------
    key : bytes
        Sixteen bytes.
    raw : bytes
        The frame as it came.
    segment : bytes
        What it says in the clear.

    Returns
    -------
    bool
        False also for a content shorter than a block, which no key changes.

    Examples
    --------
    >>> segment = b"ST=32;CN=1014;CP=&&NewSK=0123456789abcdef&&"
    >>> raw = segment[:19] + encipher(segment[19:-2], bytes(16)) + b"&&"
    >>> came_under(bytes(16), raw, segment), came_under(b"0" * 16, raw, segment)
    (True, False)
    """
    start = _CP.search(segment)
    content = segment[start.end() : -2] if start is not None else b""
    hidden = encipher(content, key)
    return len(content) >= BLOCK and (hidden in raw or as_literal(hidden) in raw)


def readable(content: bytes, dialect: Dialect) -> bool:
    """Say whether bytes are text without control characters, which cipher text hardly ever is.

    Parameters
    ----------
    content : bytes
        Part of a data segment.
    dialect : Dialect
        How the sender speaks: its text encodings.

    Returns
    -------
    bool

    Examples
    --------
    >>> from qingyuan_science.hj212 import STANDARD
    >>> readable("清洗".encode(), STANDARD), readable(b"w01018\\x15", STANDARD)
    (True, False)
    """
    for encoding in dialect.encodings:
        try:
            return not _CONTROL.search(content.decode(encoding))
        except UnicodeDecodeError:
            continue
    return False


def can_be_enciphered(segment: bytes) -> bool:
    """Say whether the content of a data segment fills a block, so that any of it is enciphered at all.

    Parameters
    ----------
    segment : bytes
        As it came over the line.

    Returns
    -------
    bool

    Source
    ------
    HJ 212-2025 (second-hand): a remainder of less than 16 bytes stays in the clear, and the wish for a new key (1014)
    has an empty content.

    Examples
    --------
    >>> can_be_enciphered(b"CN=1014;CP=&&&&"), can_be_enciphered(b"CN=2011;CP=&&DataTime=20260122090000&&")
    (False, True)
    """
    start = _CP.search(segment)
    return start is not None and len(segment) - start.end() - len(b"&&") >= BLOCK


def looks_enciphered(segment: bytes, dialect: Dialect) -> bool:
    """Say whether a data segment has a clear header and a content that is cipher text.

    Parameters
    ----------
    segment : bytes
        As it came over the line.
    dialect : Dialect
        How the sender speaks.

    Returns
    -------
    bool
    """
    start = _CP.search(segment)
    if start is None or not segment.endswith(b"&&") or not readable(segment[: start.start()], dialect):
        return False
    content = segment[start.end() : -2]
    literal = LITERAL.match(content) is not None
    return len(content) >= BLOCK and b"CN=" in segment[: start.start()] and (literal or not readable(content, dialect))


def _sm4(content: bytes, key: bytes, *, reverse: bool) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    if len(key) != BLOCK:
        raise BadKey(f"{len(key)} bytes", f"a key of {BLOCK} bytes")
    whole = len(content) // BLOCK * BLOCK
    cipher = Cipher(algorithms.SM4(key), modes.ECB())  # noqa: S305  (the standard says ECB)
    context = cipher.decryptor() if reverse else cipher.encryptor()
    return context.update(content[:whole]) + context.finalize() + content[whole:]
