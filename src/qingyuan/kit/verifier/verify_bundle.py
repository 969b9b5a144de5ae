#!/usr/bin/env python3
"""Check a bundle of evidence of Qingyuan (清源) on any machine: needs Python 3.8 or later and nothing else.

    python3 verify.py [BUNDLE.zip or its unpacked folder] [--anchors FILE]

What is checked, and what each check proves, is in the README of the bundle. The exit status is 0 when everything
holds, 1 when something does not, and 2 when there is no bundle. The proofs are those of RFC 6962 and RFC 9162.
"""

from __future__ import annotations

import argparse
import base64
import csv
import io
import json
import re
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

FORMAT = "qingyuan-evidence/1"
UNLISTED = {"manifest.json", "manifest.sha256"}
NUMBER = re.compile(rb"(?<=[=:,\[\s])[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?")
NEARLY = 1e-9
PACKET = b"##"  # how a packet of HJ 212 begins; what feeds deliver has other forms
COMPUTED = "MTHD"


class Unreadable(ValueError):
    """Part of the bundle is not in the form that it should have."""


def leaf_hash(body: bytes) -> bytes:
    """Hash of a leaf of a Merkle tree."""
    return sha256(b"\0" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node of a Merkle tree."""
    return sha256(b"\1" + left + right).digest()


def root_by_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root to which a path leads from leaf `index` (from 0) of `size`; None where the path cannot be one.

    RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:
        return None
    place, last, found = index, size - 1, leaf
    for step in path:
        if last == 0 or len(step) != 32:
            return None
        if place & 1 or place == last:
            found = node_hash(step, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    return found if last == 0 else None


def begins_with(old: tuple[int, bytes], new: tuple[int, bytes], proof: Sequence[bytes]) -> bool:
    """Whether the proof shows the tree of the new head (size, root) to begin with the tree of the old one.

    RFC 9162, section 2.1.4.2.
    """
    if old[0] == new[0]:
        return old[1] == new[1] and not proof
    if not 0 < old[0] < new[0]:
        return False
    steps = [old[1], *proof] if old[0] & (old[0] - 1) == 0 else list(proof)
    if not steps or any(len(step) != 32 for step in steps):
        return False
    place, last = old[0] - 1, new[0] - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, step)
        place, last = place >> 1, last >> 1
    return last == 0 and (first, second) == (old[1], new[1])


class Bundle:
    """The members of a bundle, and what was found while checking them."""

    def __init__(self, members: Mapping[str, bytes]) -> None:
        self.members = members
        self.faults: list[str] = []
        self.said: list[str] = []
        self.head = (0, b"")
        self.lines: dict[int, dict[str, Any]] = {}
        self.packets: dict[str, tuple[bytes, str, bool]] = {}

    def check(self, anchors: bytes | None) -> bool:
        """Do every check; True when all of them hold."""
        self._manifest()
        parts = (
            self._head, self._log, self._packets, self._records, self._photos, self._footage, self._readings,
            self._findings,
        )  # fmt: skip
        for part in parts:
            self._attempt(part.__name__, part)
        self._attempt("_anchors", lambda: self._anchors(anchors))
        return not self.faults

    def _attempt(self, name: str, part: Any) -> None:
        try:
            part()
        except (Unreadable, KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            self.faults.append(f"{name.strip('_')}: cannot be read: {type(error).__name__} {error}")

    def _manifest(self) -> None:
        text = self.members.get("manifest.json", b"")
        stated = self.members.get("manifest.sha256", b"")
        if stated != f"{sha256(text).hexdigest()}  manifest.json\n".encode():
            self.faults.append("manifest.json: its hash is not the one in manifest.sha256")
        try:
            manifest = json.loads(text)
            files: dict[str, str] = manifest["files"]
        except (ValueError, KeyError, TypeError):
            self.faults.append("manifest.json: missing, or not in its form")
            return
        if manifest.get("format") != FORMAT:
            self.faults.append(f"manifest.json: found format {manifest.get('format')!r}, expected {FORMAT!r}")
        for name in sorted(set(files) | set(self.members) - UNLISTED):
            if name not in self.members:
                self.faults.append(f"{name}: missing")
            elif name not in files:
                self.faults.append(f"{name}: not in the manifest")
            elif sha256(self.members[name]).hexdigest() != files[name]:
                self.faults.append(f"{name}: its bytes are not those of the manifest")
        self.said.append(f"case {manifest.get('case')}, bundle made at {manifest.get('made_at')}: {len(files)} files")

    def _head(self) -> None:
        head = json.loads(self._member("head.json"))
        self.head = (int(head["size"]), bytes.fromhex(head["root"]))
        self.said.append(f"head of the log: {self.head[0]} lines, root {self.head[1].hex()}")

    def _log(self) -> None:
        for row in self._rows("log.jsonl"):
            number, body = int(row["number"]), row["body"]
            root = root_by_path(leaf_hash(body.encode()), number - 1, self.head[0], _hashes(row["proof"]))
            if root != self.head[1]:
                self.faults.append(f"log.jsonl: line {number} is not a line of the log with this head")
            elif number in self.lines:
                self.faults.append(f"log.jsonl: line {number} stands there twice")
            else:
                self.lines[number] = json.loads(body)
        if not self._about("CaseOpened"):
            self.faults.append("log.jsonl: no line says that the case was opened")
        self.said.append(f"lines of the log, each proven to stand in it: {len(self.lines)}")

    def _packets(self) -> None:
        named = {detail["id"]: detail["segment_hash"] for detail in self._about("ReadingsAppended")}
        for row in self._rows("packets.jsonl"):
            raw, before = base64.b64decode(row["raw"], validate=True), base64.b64decode(row["before"], validate=True)
            body = before + raw + base64.b64decode(row["after"], validate=True)
            root = root_by_path(leaf_hash(body), int(row["index"]), int(row["count"]), _hashes(row["path"]))
            found = node_hash(bytes.fromhex(row["previous"]), root) if root else b""
            if found.hex() != named.get(row["segment"]):
                self.faults.append(f"packets.jsonl: packet {row['packet']} is not in the segment that the log names")
            if before and before != f"{row['received_us']} {row['peer']}\n".encode():
                self.faults.append(f"packets.jsonl: packet {row['packet']} has another stamp than its segment")
            payload = row["mn"].startswith("feed:") and not raw.startswith(PACKET)
            self.packets[str(row["packet"])] = (raw, str(row["received_us"]), payload)
        self.said.append(f"raw packets, each proven by its segment's hash in the log: {len(self.packets)}")

    def _records(self) -> None:
        wanted = {f"records/{detail['evidence']}.json": detail["sha256"] for detail in self._about("EvidenceAdded")}
        self._hold("records/", wanted, "EvidenceAdded")
        self.said.append(f"records in the file of the case, as their hashes stand in the log: {len(wanted)}")

    def _photos(self) -> None:
        details = [*self._about("InspectionRecorded"), *self._about("RectificationRecorded")]
        wanted = {f"photos/{name}": name for detail in details for name in detail["photos"]}
        self._hold("photos/", wanted, "InspectionRecorded or RectificationRecorded")
        self.said.append(f"photos, as their hashes stand in the log: {len(wanted)}")

    def _footage(self) -> None:
        wanted = {f"footage/{detail['sha256']}": detail["sha256"] for detail in self._about("FootageStored")}
        self._hold("footage/", wanted, "FootageStored")
        self.said.append(f"clips and stills of cameras, as their hashes stand in the log: {len(wanted)}")

    def _hold(self, folder: str, wanted: Mapping[str, str], act: str) -> None:
        there = {name for name in self.members if name.startswith(folder)}
        for name in sorted(there | set(wanted)):
            if name not in wanted:
                self.faults.append(f"{name}: no line {act} of the log names it")
            elif name not in there:
                self.faults.append(f"{name}: missing, though a line of the log names it")
            elif sha256(self.members[name]).hexdigest() != wanted[name]:
                self.faults.append(f"{name}: its bytes are not those whose hash stands in the log")

    def _readings(self) -> None:
        proven = beside = computed = rest = 0
        for row in csv.DictReader(io.StringIO(self._member("readings.csv").decode())):
            name = f"readings.csv: {row['factor']} {row['kind']} {row['at']}"
            packets = [self.packets.get(packet) for packet in row["packets"].split()]
            payload = any(packet and packet[2] for packet in packets)
            proven += bool(packets) and not payload
            beside += payload
            computed += not packets and row["kind"] in COMPUTED
            rest += not packets and row["kind"] not in COMPUTED
            if None in packets:
                self.faults.append(f"{name}: names a packet that is not in the bundle")
            elif packets and not any(packet and _says(packet, row) for packet in packets):
                self.faults.append(f"{name}: no packet that it names says {row['value'] or 'so'}")
        self.said.append(f"readings that their packets say: {proven}")
        self.said.append(f"readings whose payload is in the bundle, numbers not compared: {beside}")
        self.said.append(f"readings computed here (kinds {', '.join(COMPUTED)}): {computed}; without a packet: {rest}")

    def _findings(self) -> None:
        found = json.loads(self._member("findings.json"))
        told = {
            (line["subject"], line["detail"].get("sentence_zh"))
            for line in self.lines.values()
            if line["act"] in {"FindingOpened", "FindingGrew"}
        }
        for row in found:
            if (f"finding/{row['id']}", row["sentence_zh"]) not in told:
                self.faults.append(f"findings.json: no line of the log says this of finding {row['id']}")
        self.said.append(f"findings, in the words of the log: {len(found)}")

    def _anchors(self, anchors: bytes | None) -> None:
        proofs: dict[int, list[bytes]] = {}
        for row in self._rows("heads.jsonl"):
            size, root = int(row["size"]), bytes.fromhex(row["root"])
            proofs[size] = _hashes(row["proof"])
            if not begins_with((size, root), self.head, proofs[size]):
                self.faults.append(f"heads.jsonl: the log does not begin with the head over {size} lines")
        if anchors is None:
            self.said.append(
                "no anchor file given: nothing shows yet that the head is the authority's (see the README)"
            )
            return
        latest = 0
        for row in _json_lines(anchors, "anchor file"):
            size, root = int(row["size"]), bytes.fromhex(row["root"])
            if size == self.head[0] or size in proofs:
                if not begins_with((size, root), self.head, proofs.get(size, [])):
                    self.faults.append(f"anchor file: the head over {size} lines, kept at {row['at']}, is another one")
                    continue
                latest = max(latest, size)
        fixed = sum(1 for number in self.lines if number <= latest)
        self.said.append(f"lines fixed by a head of the anchor file: {fixed} of {len(self.lines)}")
        if fixed == 0 and not self.faults:
            self.faults.append("anchor file: none of its heads can be held against this bundle")

    def _about(self, act: str) -> list[dict[str, Any]]:
        return [line["detail"] for line in self.lines.values() if line["act"] == act]

    def _member(self, name: str) -> bytes:
        if name not in self.members:
            raise Unreadable(f"{name} is missing")
        return self.members[name]

    def _rows(self, name: str) -> Iterator[dict[str, Any]]:
        return _json_lines(self._member(name), name)


def _json_lines(data: bytes, name: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(data.decode().splitlines(), 1):
        found = json.loads(line)
        if not isinstance(found, dict):
            raise Unreadable(f"{name} line {number}: expected an object")
        yield found


def _hashes(texts: Iterable[str]) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


def _says(packet: tuple[bytes, str, bool], row: Mapping[str, str]) -> bool:
    """Whether the packet came at the reading's instant and holds its numbers; of a payload, the instant alone."""
    raw, received_us, payload = packet
    if payload:
        return received_us == row["received_us"]
    if not row["scale"]:  # how a packet would say it is not known
        return False
    scale = float(row["scale"])
    wanted = [float(row[name]) / scale for name in ("value", "low", "high") if row[name]]
    wanted += [float(row["total"])] if row["total"] else []
    singles = ([float(text) for text in NUMBER.findall(single)] for single in raw.split(b"\r\n" + PACKET))
    return received_us == row["received_us"] and any(
        all(any(abs(number - one) <= NEARLY * max(1.0, abs(one)) for number in numbers) for one in wanted)
        for numbers in singles
    )


def members_of(place: Path, leave_out: Path | None = None) -> dict[str, bytes]:
    """The members of a zipped or an unpacked bundle."""
    if place.is_file():
        with zipfile.ZipFile(place) as archive:
            names = archive.namelist()
            if len(names) != len(set(names)):
                raise Unreadable(f"{place}: holds a name twice")
            return {name: archive.read(name) for name in names}
    files = (path for path in sorted(place.rglob("*")) if path.is_file() and path.resolve() != leave_out)
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in files}


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a bundle and say what was found."""
    parser = argparse.ArgumentParser(description="Check a bundle of evidence of Qingyuan (清源).")
    here = Path(__file__).resolve().parent
    parser.add_argument("bundle", nargs="?", type=Path, default=here, help="the .zip, or the folder it was unpacked to")
    parser.add_argument("--anchors", type=Path, help="heads of the log that were kept outside of the platform")
    options = parser.parse_args(arguments)
    try:
        anchors = options.anchors.read_bytes() if options.anchors else None
        members = members_of(options.bundle, options.anchors and options.anchors.resolve())
    except (OSError, zipfile.BadZipFile, Unreadable, zlib.error) as error:
        sys.stderr.write(f"{options.bundle}: {error}\n")
        return 2
    if "manifest.json" not in members:
        sys.stderr.write(f"{options.bundle}: expected a bundle of evidence, found no manifest.json\n")
        return 2
    bundle = Bundle(members)
    whole = bundle.check(anchors)
    for text in bundle.said:
        sys.stdout.write(f"  {text}\n")
    for text in bundle.faults:
        sys.stdout.write(f"FAULT  {text}\n")
    sys.stdout.write("everything holds\n" if whole else f"DOES NOT HOLD: {len(bundle.faults)} faults\n")
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
