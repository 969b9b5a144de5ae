"""Packets of HJ 212: length, CRC, flag, and the groups of the data."""

import re
from typing import Any

from asking import Refused, topic

EDITIONS = {0: "2005", 1: "2017", 2: "2025"}


def crc(segment: bytes) -> str:
    """Shift the register by a byte first, then XOR: not the order of the Modbus sum."""
    register = 0xFFFF
    for byte in segment:
        register = (register >> 8) ^ byte
        for _ in range(8):
            low = register & 1
            register >>= 1
            if low:
                register ^= 0xA001
    return f"{register:04X}"


@topic
def hj212_packet(given: dict[str, Any]) -> dict[str, Any]:
    """Make a packet of a segment, or take one apart."""
    text = given["text"]
    if not isinstance(text, str):
        raise Refused("a text")
    frame = text.encode()
    if not text.startswith("##"):
        if not 0 < len(frame) <= 1024:
            raise Refused("a segment has 1 to 1024 bytes")
        return {"length": len(frame), "crc": crc(frame), "packet": f"##{len(frame):04d}{text}{crc(frame)}\r\n"}
    frame = frame.removesuffix(b"\n").removesuffix(b"\r")
    head = re.match(rb"##(\d{4})", frame)
    if not head or len(frame) < 10:
        return {"fits": False}
    data, said = frame[6:-4], frame[-4:].decode("ascii", "replace").upper()
    result: dict[str, Any] = {
        "length": len(data),
        "length_fits": int(head[1]) == len(data),
        "crc": crc(data),
        "crc_fits": said == crc(data),
    }
    result["fits"] = result["length_fits"] and result["crc_fits"]
    return result | taken_apart(data.decode("utf-8")) if result["fits"] else result


def taken_apart(segment: str) -> dict[str, Any]:
    head, found, content = segment.partition("CP=&&")
    fields: dict[str, Any] = dict(pair.split("=", 1) for pair in head.split(";") if "=" in pair)
    result: dict[str, Any] = {"fields": fields}
    for name in ("Flag", "PNUM", "PNO"):
        if name in fields:
            fields[name] = int(fields[name])
    if "Flag" in fields:
        flag = fields["Flag"]
        result["flag"] = {"edition": EDITIONS.get(flag >> 2), "numbered": bool(flag & 2), "answer": bool(flag & 1)}
    if found:
        result["groups"] = groups(content.removesuffix("&&"))
    return result


def groups(content: str) -> list[list[dict[str, str]]]:
    """Cut at semicolons and commas, but not inside a log between slashes."""
    kept: list[str] = []

    def put_by(match: re.Match[str]) -> str:
        kept.append(match[0])
        return f"\0{len(kept) - 1}\0"

    plain = re.sub("//.*?//", put_by, content)
    found = []
    for item in plain.split(";"):
        pairs = [pair.partition("=") for pair in item.split(",") if pair.strip()]
        if pairs:
            found.append([{"name": name.strip(), "value": restored(value.strip(), kept)} for name, _, value in pairs])
    return found


def restored(value: str, kept: list[str]) -> str:
    return re.sub("\0(\\d+)\0", lambda match: kept[int(match[1])], value)
