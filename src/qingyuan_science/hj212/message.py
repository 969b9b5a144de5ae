"""The content of a frame: header fields and CP as an ordered list of groups of pairs."""

import re
from dataclasses import dataclass
from math import isfinite
from typing import Final

from qingyuan_science.hj212.codes import EDITIONS, SUFFIXES
from qingyuan_science.hj212.dialect import STANDARD, Dialect
from qingyuan_science.hj212.errors import BadCp, BadEncoding, MissingField, shown

Pair = tuple[str, str]
Group = tuple[Pair, ...]

HEADER_NAMES: Final = frozenset(("QN", "ST", "CN", "PW", "MN", "FLAG", "PNUM", "PNO", "RF"))
"""Names of the header fields before CP, in upper case."""

_REQUIRED: Final = ("ST", "CN")
_HEADER_SEPARATOR: Final = re.compile("[;,]")
_CP_START: Final = re.compile(r"CP\s*=\s*&&", re.IGNORECASE)
_LOG: Final = re.compile(r"=\s*//.*?//", re.DOTALL)
_HIDDEN: Final = {ord(";"): 0xDC3B, ord(","): 0xDC2C}
_UNHIDDEN: Final = {hidden: plain for plain, hidden in _HIDDEN.items()}
_SUFFIX_BY_LETTERS: Final = {name.lower(): name for name in SUFFIXES}
_TEXT_SUFFIXES: Final = frozenset(name for name, suffix in SUFFIXES.items() if suffix.type == "text")
_EDITION_BY_FLAG: Final = {edition.flag_version: edition.edition for edition in EDITIONS.values()}


@dataclass(frozen=True, slots=True)
class Message:
    """One HJ 212 message as it was sent.

    Parameters
    ----------
    qn : str
        Request number; empty where not sent.
    st, cn : str
        System code and command code.
    pw, mn : str
        Password and device id; empty where not sent.
    flag, pnum, pno : int, optional
        Flag, number of packets, number of this packet; None where not sent or not a number.
    rf : bool
        Whether the data are marked as sent again (HJ 212-2025).
    cp : tuple of tuple of (str, str)
        Groups of (name, value) pairs in the order sent, duplicates kept. Pairs of a group were joined by ``,`` and
        belong together; groups by ``;``.
    header_extras : tuple of (str, str)
        Header fields that are unknown, repeated, or numbers that could not be read.
    edition : {"2005", "2017", "2025"}
        Edition that the sender follows, from its dialect.
    """

    qn: str
    st: str
    cn: str
    pw: str = ""
    mn: str = ""
    flag: int | None = None
    pnum: int | None = None
    pno: int | None = None
    rf: bool = False
    cp: tuple[Group, ...] = ()
    header_extras: tuple[Pair, ...] = ()
    edition: str = "2017"

    @property
    def wants_answer(self) -> bool:
        """Whether bit 0 of Flag asks for an answer."""
        return self.flag is not None and bool(self.flag & 1)

    @property
    def suggested_edition(self) -> str | None:
        """The edition that the version bits of Flag name; a hint only, because senders set them carelessly."""
        return None if self.flag is None else _EDITION_BY_FLAG.get(self.flag >> 2)

    @property
    def data_time(self) -> str | None:
        """The text of DataTime, None where not sent."""
        return self.get("DataTime")

    def get(self, name: str) -> str | None:
        """Find the first value in CP under a name.

        Parameters
        ----------
        name : str
            Name as the standard writes it. Names that differ in letter case only are taken if none fits exactly.

        Returns
        -------
        str or None
            The value as sent, None if there is no such name.

        Examples
        --------
        >>> message = parse(b"ST=32;CN=3017;CP=&&PolId=w01018;CstartTime=000000,CTime=2&&")
        >>> message.get("PolId"), message.get("Ctime"), message.get("Stime")
        ('w01018', '2', None)
        """
        letters = name.lower()
        alike: str | None = None
        for group in self.cp:
            for key, value in group:
                if key == name:
                    return value
                if alike is None and key.lower() == letters:
                    alike = value
        return alike

    def values(self) -> dict[str, dict[str, float | str]]:
        """Gather the values of each factor.

        Returns
        -------
        dict of str to dict of str to (float or str)
            Factor code as sent to kind of value to number; text where the value is no finite decimal number, and for
            kinds that are text by nature, such as Flag. Units are the sender's.

        Notes
        -----
        A name is parted at its first hyphen; ``a21026-i13007-Info`` is the kind ``i13007-Info`` of ``a21026``. Kinds
        that the standard names are written as there whatever letter case was sent. If a factor has two values of the
        same kind, the later one stands here; `cp` keeps both.

        Examples
        --------
        >>> parse(b"ST=32;CN=2061;CP=&&DataTime=20160801080000;w01018-Avg=12.20,w01018-flag=N&&").values()
        {'w01018': {'Avg': 12.2, 'Flag': 'N'}}
        """
        found: dict[str, dict[str, float | str]] = {}
        for group in self.cp:
            for key, value in group:
                code, hyphen, kind = key.partition("-")
                if not hyphen:
                    continue
                if kind not in SUFFIXES:
                    kind = _SUFFIX_BY_LETTERS.get(kind.lower(), kind)
                of_code = found.get(code)
                if of_code is None:
                    of_code = found[code] = {}
                of_code[kind] = value if kind in _TEXT_SUFFIXES else _number_or_text(value)
        return found


def _number_or_text(text: str) -> float | str:
    try:
        number = float(text)
    except ValueError:
        return text
    return number if isfinite(number) and "_" not in text else text


def parse(segment: bytes, dialect: Dialect = STANDARD) -> Message:
    """Read a data segment.

    Parameters
    ----------
    segment : bytes
        The data segment of a frame, without length and CRC.
    dialect : Dialect
        How the sender speaks: its text encodings and edition.

    Returns
    -------
    Message

    Raises
    ------
    BadEncoding
        The bytes are text in none of the dialect's encodings.
    MissingField
        ST, CN or CP is missing; without them nothing can be done with the message.
    BadCp
        CP does not end with ``&&``.

    Source
    ------
    HJ 212-2017, structure of the data segment; annex C for the deviations in its own examples.

    Notes
    -----
    Reads what the standard's own examples print and what devices send: header fields in any order, joined by ``;`` or
    ``,`` or not at all before CP; blanks around names and values; names in other letter case; empty items; an item
    without ``=``, which gets an empty value. A log ``//...//`` may contain separators. Reading is lenient here and
    writing strict in `encode`.

    Examples
    --------
    >>> message = parse(b"QN=20160801085857223;ST=32;CN=1062;PW=100000;Flag=5;CP=&&RtdInterval=30&&")
    >>> message.cn, message.wants_answer, message.cp
    ('1062', True, ((('RtdInterval', '30'),),))
    """
    text = _text(segment, dialect)
    start = _CP_START.search(text)
    if start is None:
        raise MissingField(shown(text[-20:]), "a field CP=&&...&&", len(segment))
    end = text.rfind("&&", start.end())
    if end < 0 or text[end + 2 :].strip("; \t\r\n"):
        raise BadCp(shown(text[-20:]), "&& at the end of CP", len(segment))
    fields, extras = _header(text[: start.start()])
    for name in _REQUIRED:
        if not fields.get(name):
            raise MissingField(shown(text[: start.start()]), f"a field {name}", 0)
    rf = fields.get("RF", "")
    return Message(
        qn=fields.get("QN", ""),
        st=fields["ST"],
        cn=fields["CN"],
        pw=fields.get("PW", ""),
        mn=fields.get("MN", ""),
        flag=_integer(fields, "FLAG", extras),
        pnum=_integer(fields, "PNUM", extras),
        pno=_integer(fields, "PNO", extras),
        rf=rf not in ("", "0"),
        cp=_groups(text[start.end() : end]),
        header_extras=tuple(extras),
        edition=dialect.edition,
    )


def _text(segment: bytes, dialect: Dialect) -> str:
    offset = 0
    for encoding in dialect.encodings:
        try:
            return segment.decode(encoding)
        except UnicodeDecodeError as error:
            offset = error.start
    raise BadEncoding(shown(segment[offset:]), f"text in {' or '.join(dialect.encodings)}", offset)


def _header(text: str) -> tuple[dict[str, str], list[Pair]]:
    """Part the fields before CP into those that have a meaning, by upper-case name, and the others."""
    fields: dict[str, str] = {}
    extras: list[Pair] = []
    for item in _HEADER_SEPARATOR.split(text):
        name, _, value = item.partition("=")
        name, value = name.strip(), value.strip()
        known = name.upper()
        if known in HEADER_NAMES and known not in fields:
            fields[known] = value
        elif name or value:
            extras.append((name, value))
    return fields, extras


def _integer(fields: dict[str, str], name: str, extras: list[Pair]) -> int | None:
    text = fields.get(name, "")
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return int(text)
    if text:
        extras.append((name, text))
    return None


def _groups(cp: str) -> tuple[Group, ...]:
    """Part the text between the ``&&`` into groups of pairs, not parting inside a log."""
    if "//" not in cp:
        return _plain_groups(cp)
    hidden = _LOG.sub(lambda log: log[0].translate(_HIDDEN), cp)
    return tuple(tuple((name, value.translate(_UNHIDDEN)) for name, value in group) for group in _plain_groups(hidden))


def _plain_groups(cp: str) -> tuple[Group, ...]:
    groups = [tuple([_pair(item) for item in group.split(",") if item.strip()]) for group in cp.split(";")]
    return tuple([group for group in groups if group])


def _pair(item: str) -> Pair:
    name, _, value = item.partition("=")
    return name.strip(), value.strip()
