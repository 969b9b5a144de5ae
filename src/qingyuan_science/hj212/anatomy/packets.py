"""Takes recorded bytes apart into packets and noise, and packets into head, length, segment, CRC and end."""

import re
from collections.abc import Iterator
from typing import Final

from qingyuan_science.hj212.anatomy.meanings import FactorTitle, Said
from qingyuan_science.hj212.anatomy.pieces import Piece, shown
from qingyuan_science.hj212.anatomy.segments import CP_OPENS, Segment
from qingyuan_science.hj212.cipher import LITERAL, Keys, looks_enciphered
from qingyuan_science.hj212.codes import EDITIONS
from qingyuan_science.hj212.cutting import Packet, cut_packet
from qingyuan_science.hj212.dialect import STANDARD, Dialect
from qingyuan_science.hj212.errors import NoFrameHead, NoKey
from qingyuan_science.plugins import Text

_NEXT_HEAD: Final = re.compile(rb"##")
_LINE_END: Final = re.compile(rb"\r?\n?")


def anatomy(
    raw: bytes, dialect: Dialect | None = None, keys: Keys | None = None, factor_title: FactorTitle | None = None
) -> tuple[Piece, ...]:
    """Take recorded bytes apart.

    Parameters
    ----------
    raw : bytes
        One packet or several, noise between them, cut off anywhere.
    dialect : Dialect, optional
        How the sender speaks; HJ 212-2017 where not given.
    keys : callable, optional
        Gives the SM4 keys of a device, see `cipher.Keys`.
    factor_title : callable, optional
        Names factors, for the meaning of names such as ``w01018-Rtd``.

    Returns
    -------
    tuple of Piece
        Packets, and noise between them, in order; together all bytes once.

    Notes
    -----
    Raises nothing, whatever the bytes. A packet is cut as `decode_packet` cuts it: where its CRC proves an end,
    otherwise where its length or its ``&&`` says.

    Examples
    --------
    >>> (packet,) = anatomy(b"##0021ST=91;CN=9014;CP=&&&&4980")
    >>> [piece.text for piece in packet.smallest()][:7]
    ['##', '0021', 'ST', '=', '91', ';', 'CN']
    >>> [piece.fault.en for piece in packet.faulty()]
    ['CR LF is missing']
    """
    return tuple(_Anatomy(raw, dialect or STANDARD, keys, factor_title or (lambda code: None)).pieces())


class _Anatomy:
    def __init__(self, raw: bytes, dialect: Dialect, keys: Keys | None, factor_title: FactorTitle) -> None:
        self._raw, self._dialect, self._keys, self._factor_title = raw, dialect, keys, factor_title

    def pieces(self) -> Iterator[Piece]:
        at = 0
        while at < len(self._raw):
            try:
                packet = cut_packet(self._raw, self._dialect, self._keys, at)
            except NoFrameHead:
                yield self._noise(at, len(self._raw))
                return
            if packet.head > at:
                yield self._noise(at, packet.head)
            piece = self._packet(packet)
            yield piece
            at = piece.offset + piece.length

    def _noise(self, start: int, end: int) -> Piece:
        if not self._raw[start:end].strip():
            return self._leaf(start, end, "noise", (Text("空行", "Line ends"), None))
        means = Text("不属于任何数据包的字节", "Bytes of no packet")
        return self._leaf(start, end, "noise", (means, Text("缺少包头 ##", "No ## before it")))

    def _packet(self, packet: Packet) -> Piece:
        head = packet.head
        length_at, said_to = head + 2, head + 2 + len(packet.said)
        parts = [self._leaf(head, length_at, "head", (Text("包头", "Head of the packet"), None))]
        start = packet.cut.start if packet.cut else said_to
        if start > length_at:
            parts.append(self._length(packet, length_at, start))
        if packet.cut:
            parts += self._whole(packet)
        elif (end := self._broken_end(start, packet)) > start:
            parts.append(self._leaf(start, end, "unread", (Text("无法解析的部分", "What cannot be read"), None)))
        end = parts[-1].offset + parts[-1].length
        return self._node((head, end), "packet", (Text("数据包", "Packet"), self._packet_fault(packet)), parts)

    def _broken_end(self, start: int, packet: Packet) -> int:
        following = _NEXT_HEAD.search(self._raw, start)
        return following.start() if following else len(self._raw)

    def _packet_fault(self, packet: Packet) -> Text | None:
        if packet.cut is not None or packet.error is None:
            return None
        names = {
            "BadLength": "数据段长度不是 4 位数字",
            "Truncated": "数据包不完整",
            "BadChecksum": "长度所指位置没有 CRC 校验码",
        }
        return Text(names.get(type(packet.error).__name__, "数据包有误"), str(packet.error))

    def _length(self, packet: Packet, start: int, end: int) -> Piece:
        unit = Text("字符", "characters") if self._dialect.length_counts == "characters" else Text("字节", "bytes")
        said = packet.said.decode("ascii").lstrip("0") or "0"
        means = Text(f"数据段长 {said} {unit.zh}", f"The data segment takes {said} {unit.en}")
        fault = None
        if packet.cut and not packet.length_fits(self._raw, self._dialect):
            expected = f"{packet.expected_length(self._raw, self._dialect):04d}"
            fault = Text(f"与数据段不符，应为 {expected}", f"Does not fit the data segment, expected {expected}")
        return self._leaf(start, end, "length", (means, fault))

    def _whole(self, packet: Packet) -> Iterator[Piece]:
        """Segment, CRC and end of a packet of which the end is known."""
        cut = packet.cut
        if cut is None:
            return
        if cut.end > cut.start:
            yield self._segment(packet, cut.start, cut.end)
        crc_at, end_at = cut.crc_end - len(cut.crc), cut.crc_end
        means = Text("CRC 校验码", "CRC of the data segment")
        yield self._leaf(crc_at, cut.crc_end, "crc", (means, self._crc_fault(packet)))
        if line_end := _LINE_END.match(self._raw, cut.crc_end):
            end_at = line_end.end()
        sound = self._raw[cut.crc_end : end_at] == b"\r\n" or not self._dialect.require_crlf
        fault = None if sound else Text("缺少包尾 CR LF", "CR LF is missing")
        yield self._leaf(cut.crc_end, end_at, "end", (Text("包尾", "End of the packet"), fault))

    def _crc_fault(self, packet: Packet) -> Text | None:
        error = packet.error
        if error is None:
            return None
        if isinstance(error, NoKey):
            return Text("内容已加密，没有可用的密钥，无法校验", "The content is enciphered and no key at hand fits")
        return Text(f"与数据段不符，应为 {error.expected}", str(error))

    def _segment(self, packet: Packet, start: int, end: int) -> Piece:
        """The data segment; its bytes are looked at in the clear where they could be deciphered in place."""
        segment = self._raw[start:end]
        clear = packet.clear if packet.clear is not None else segment
        opening = CP_OPENS.search(segment)
        literal = opening is not None and LITERAL.match(segment, opening.end()) is not None
        hidden = len(clear) != len(segment) or (packet.clear is None and looks_enciphered(segment, self._dialect))
        reader = Segment(clear if len(clear) == len(segment) else segment, start, self._dialect, self._factor_title)
        if opening is None or not (hidden or literal):
            parts = reader.parts()
        else:
            parts = reader.header(opening.start())
            parts += reader.sealed(opening.start(), opening.end(), self._says(packet, clear, segment))
        fault = reader.missing(opening)
        limit = EDITIONS[self._dialect.edition].segment_limit
        if fault is None and len(clear) > limit:
            fault = Text(f"数据段 {len(clear)} 字节，超过 {limit}", f"{len(clear)} bytes, expected at most {limit}")
        means = Text("数据段", "Data segment")
        if clear != segment:
            means = Text("数据段（内容已解密）", "Data segment, its content deciphered")
        return self._node((start, end), "segment", (means, fault), parts)

    def _says(self, packet: Packet, clear: bytes, segment: bytes) -> Text | None:
        if packet.clear is None or clear == segment:
            return None
        opening = CP_OPENS.search(clear)
        text = shown(clear[opening.end() : -2] if opening else clear, self._dialect)
        return Text(f"解密后：{text}", f"Deciphered: {text}")

    def _leaf(self, start: int, end: int, kind: str, said: Said) -> Piece:
        return self._node((start, end), kind, said, [])

    def _node(self, span: tuple[int, int], kind: str, said: Said, parts: list[Piece]) -> Piece:
        start, end = span
        kept = tuple(part for part in parts if part.length or part.fault)
        return Piece(start, end - start, kind, shown(self._raw[start:end], self._dialect), said[0], said[1], kept)
