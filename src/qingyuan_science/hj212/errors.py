"""Everything that can be wrong with HJ 212 bytes.

::

    Hj212Error
    ├── FrameError              the bytes are not a frame
    │   ├── NoFrameHead           no "##"
    │   ├── BadLength             the length text is no number, or names another place than the end
    │   ├── SegmentTooLong        more than may be sent or held
    │   ├── Truncated             the bytes end inside the frame
    │   ├── BadChecksum           the CRC differs
    │   │   └── NoKey               enciphered, and no key at hand fits
    │   └── NoFrameEnd            CR LF missing where the dialect demands it
    ├── MessageError            the frame is sound, its data segment is not
    │   ├── BadEncoding           in none of the dialect's encodings
    │   ├── BadHeader             a field that cannot be written
    │   │   └── MissingField      a field that must be there
    │   ├── BadCp                 CP is not "&&...&&", or cannot be written
    │   ├── BadTime               a text that is no instant
    │   └── BadPart               a part of a split message with impossible numbers
    ├── RequestError            a request that cannot be written
    │   ├── NoSuchRequest         no request of this name, or not in this edition
    │   ├── MissingArgument       an argument that it must have
    │   ├── UnknownArgument       an argument that it does not have
    │   └── BadArgument           an argument of another type, or out of its range
    ├── BadKey                  a key that is not 16 bytes
    ├── BadLine                 a line of a file is neither a packet nor an object that holds one
    └── BadDialect              a profile with values that no dialect has
"""


class Hj212Error(Exception):
    """What was found, what was expected, and where.

    Parameters
    ----------
    found : str
        What stood there.
    expected : str, optional
        What belongs there; may be left out by those who say both in `found`.
    offset : int, optional
        Where, counted from the first byte of what was being read: the stream for a framer, the data segment
        for a parser, the packet for an explanation. [byte]
    """

    def __init__(self, found: str, expected: str = "", offset: int | None = None) -> None:
        super().__init__(found, expected, offset)
        self.found = found
        self.expected = expected
        self.offset = offset

    def __str__(self) -> str:
        if not self.expected:
            return self.found
        return f"found {self.found}, expected {self.expected}{self._place}"

    @property
    def _place(self) -> str:
        return "" if self.offset is None else f", at byte {self.offset}"


class FrameError(Hj212Error):
    """The bytes are not a frame."""


class NoFrameHead(FrameError):
    """Bytes that belong to no frame, because no ``##`` begins them."""


class BadLength(FrameError):
    """The length text after ``##`` is no length."""


class SegmentTooLong(FrameError):
    """A data segment longer than may be sent or held."""


class Truncated(FrameError):
    """The bytes end before the frame does."""


class BadChecksum(FrameError):
    """The CRC that was sent is not that of the data segment.

    `found` is the text that was sent, `expected` the CRC that was computed, both as four hex digits where they can be.
    """

    def __init__(self, found: str, expected: str, offset: int | None = None, *, hint: str = "") -> None:
        super().__init__(found, expected, offset)
        self.hint = hint

    @property
    def computed(self) -> str:
        """The CRC of the bytes that were received, four hex digits."""
        return self.expected

    def __str__(self) -> str:
        hint = f"; {self.hint}" if self.hint else ""
        return f"found {self.found}, computed {self.computed}{self._place}{hint}"


class NoKey(BadChecksum):
    """The content is enciphered, and no key at hand gives a segment with the CRC that was sent."""


class NoFrameEnd(FrameError):
    """CR LF is missing after the CRC."""


class MessageError(Hj212Error):
    """The frame is sound, its data segment is not."""


class BadEncoding(MessageError):
    """Text in none of the dialect's encodings."""


class BadHeader(MessageError):
    """A header field that cannot be written."""


class MissingField(BadHeader):
    """A header field that every message must have is absent."""


class BadCp(MessageError):
    """CP is not enclosed in ``&&``, or holds what cannot be written."""


class BadTime(MessageError):
    """A text that is no instant in the form YYYYMMDDhhmmss or YYYYMMDDhhmmsszzz."""


class BadPart(MessageError):
    """PNO and PNUM that no part of a split message has."""


class RequestError(Hj212Error):
    """A request that cannot be written."""


class NoSuchRequest(RequestError):
    """No request has this name, or not in the edition that the device speaks."""


class MissingArgument(RequestError):
    """An argument that the request must have is absent."""


class UnknownArgument(RequestError):
    """An argument that the request does not have."""


class BadArgument(RequestError):
    """An argument of another type than the request takes, or out of its range."""


class BadKey(Hj212Error):
    """A key that is not 16 bytes long."""


class BadLine(Hj212Error):
    """A line of a file of packets that holds no packet."""


class BadDialect(Hj212Error):
    """A dialect profile with a value that no dialect has."""


def shown(piece: bytes | str, limit: int = 40) -> str:
    """Quote a piece of a packet for an error message, shortened.

    Parameters
    ----------
    piece : bytes or str
        What was found; bytes are shown as ASCII with escapes.
    limit : int
        Longest part that is shown. [character]

    Returns
    -------
    str
        The piece in single quotes, or the word ``nothing``.

    Examples
    --------
    >>> shown(b"29\\x00S")
    "'29\\\\x00S'"
    >>> shown("")
    'nothing'
    """
    if not piece:
        return "nothing"
    text = piece[:limit].decode("ascii", "backslashreplace") if isinstance(piece, bytes) else piece[:limit]
    visible = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    return f"'{visible}'" + (f"... ({len(piece)} in all)" if len(piece) > limit else "")
