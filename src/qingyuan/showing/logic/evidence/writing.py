"""Writing what was gathered into a .zip with its proofs; `kit/verifier/verify_bundle.py` reads it."""

import csv
import hashlib
import io
import json
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.db.models import prefetch_related_objects

from qingyuan.dispatching.queries import Evidence
from qingyuan.inspecting.queries import Media, photo_bytes
from qingyuan.kit import canonical, clock
from qingyuan.kit.proof import anchors, leaf, tree
from qingyuan.kit.queries import Entry
from qingyuan.kit.verifier import verify_bundle
from qingyuan.sensing.api import footage_bytes, prove_packets
from qingyuan.sensing.queries import MEDIUM, Channel, Footage, footage_filed
from qingyuan.showing.logic.evidence import readme
from qingyuan.showing.logic.evidence.gathering import Gathered
from qingyuan_science.standards import StandardsError, find_factor
from qingyuan_science.units import UnitError, convert

COLUMNS = (
    "channel", "factor", "basis", "unit", "scale", "kind", "at", "value", "low", "high", "total", "mark",
    "received_us", "packets",
)  # fmt: skip
OF_FINDINGS = ("FindingOpened", "FindingGrew")
WITH_PHOTOS = ("InspectionRecorded", "RectificationRecorded")


def write(found: Gathered, file: IO[bytes]) -> None:
    """Write the bundle; the manifest comes last and names every other file with its hash."""
    hashes: dict[str, str] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _members(found):
            hashes[name] = hashlib.sha256(content).hexdigest()
            packed = zipfile.ZIP_STORED if name.startswith(("photos/", "footage/")) else zipfile.ZIP_DEFLATED
            archive.writestr(name, content, packed)
        manifest = {
            "format": verify_bundle.FORMAT,
            "case": found.case.number,
            "made_at": clock.now().isoformat(timespec="seconds"),
            "files": hashes,
        }
        text = _json(manifest)
        archive.writestr("manifest.json", text)
        archive.writestr("manifest.sha256", f"{hashlib.sha256(text).hexdigest()}  manifest.json\n")


def _members(found: Gathered) -> Iterator[tuple[str, bytes]]:
    yield "README.md", readme.page(found, "en").encode()
    yield "README.zh-CN.md", readme.page(found, "zh").encode()
    yield "verify.py", Path(verify_bundle.__file__).read_bytes()
    yield "head.json", _json({"size": found.head.size, "root": found.head.root.hex()})
    yield "heads.jsonl", _json_lines(_heads(found))
    yield "log.jsonl", _json_lines(_proven_lines(found))
    yield "packets.jsonl", _json_lines(_proven_packets(found))
    yield "readings.csv", _readings(found)
    yield "findings.json", _json(list(_findings(found)))
    yield "case.json", _json(_case(found))
    yield from _records(found)
    yield from _photos(found)
    yield from _footage(found)


def _heads(found: Gathered) -> Iterator[dict[str, Any]]:
    """Heads that were anchored since the first of the lines, each with the proof that the log begins with it."""
    first = found.lines[0].seq if found.lines else 1
    kept = {one.head.size: one.head for one in anchors.kept()[0] if first <= one.head.size <= found.head.size}
    proofs = tree.consistency(list(kept), found.head.size)
    for size in sorted(kept):
        yield {"size": size, "root": kept[size].root.hex(), "proof": [step.hex() for step in proofs[size]]}


def _proven_lines(found: Gathered) -> Iterator[dict[str, Any]]:
    proofs = tree.inclusion([line.seq for line in found.lines], found.head.size)
    for line in found.lines:
        body = leaf.body(line, canonical.text(line.detail)).decode()
        yield {"number": line.seq, "body": body, "proof": [step.hex() for step in proofs[line.seq]]}


def _proven_packets(found: Gathered) -> Iterator[dict[str, Any]]:
    for proof in prove_packets(list(found.packets.values())):
        packet = proof.packet
        yield {
            "packet": packet.pk,
            "segment": packet.segment_id,
            "received_us": _microseconds(packet.received_at),
            "peer": packet.peer,
            "mn": packet.mn,
            "cn": packet.cn,
            "raw": b64encode(proof.raw).decode(),
            "before": b64encode(proof.before).decode(),
            "after": b64encode(proof.after).decode(),
            "index": proof.index,
            "count": proof.count,
            "path": [step.hex() for step in proof.path],
            "previous": proof.previous.hex(),
        }


def _readings(found: Gathered) -> bytes:
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(COLUMNS)
    prefetch_related_objects(list(found.channels.values()), "station")
    scales = {number: _scale(channel) for number, channel in found.channels.items()}
    for one in found.readings:
        channel = found.channels[one.channel_id]
        numbers = ("" if number is None else repr(number) for number in (one.value, one.low, one.high, one.total))
        packets = " ".join(map(str, found.packets_of(one)))
        table.writerow(
            (
                channel.pk, channel.factor, channel.basis, channel.unit, scales[channel.pk], one.kind,
                one.at.isoformat(), *numbers, one.mark, _microseconds(one.received_at), packets,
            )
        )  # fmt: skip
    return file.getvalue().encode()


def _scale(channel: Channel) -> str:
    """What a number as sent was multiplied with to come into the unit of the channel; empty where it is not known."""
    try:
        unit = find_factor(channel.factor, medium=MEDIUM[channel.station.kind]).unit
        return repr(1.0 if unit == channel.unit else convert(1.0, unit, channel.unit))
    except (StandardsError, UnitError):
        return ""  # the gateway takes no such factor from a packet either: it came by a table or another feed


def _findings(found: Gathered) -> Iterator[dict[str, Any]]:
    """Each finding in the words of its newest line, and what it takes to run its detector again."""
    for finding in found.findings:
        told = [line for line in found.lines if line.subject == f"finding/{finding.pk}" and line.act in OF_FINDINGS]
        newest: Entry | None = told[-1] if told else None
        yield {
            "id": finding.pk,
            "detector": finding.detector,
            "factor": finding.channel.factor if finding.channel else "",
            "basis": finding.channel.basis if finding.channel else "",
            "kind": finding.kind,
            "started_at": finding.started_at,
            "ended_at": finding.ended_at,
            "sentence_zh": newest.detail["sentence_zh"] if newest else finding.sentence_zh,
            "sentence_en": newest.detail["sentence_en"] if newest else finding.sentence_en,
            "standard": finding.standard,
            "clause": finding.clause_zh,
            "limit": finding.limit_code,
            "evidence": finding.evidence,
            "parameters": finding.parameters,
            "edition": finding.edition,
        }


def _case(found: Gathered) -> dict[str, Any]:
    case = found.case
    enterprise = case.place.enterprise
    return {
        "number": case.number,
        "id": case.pk,
        "title_zh": case.title_zh,
        "title_en": case.title_en,
        "case_type": case.case_type,
        "state": case.state,
        "station": {"code": case.place.code, "title_zh": case.place.title_zh},
        "enterprise": {"code": enterprise.code, "title_zh": enterprise.title_zh} if enterprise else None,
        "opened_at": case.opened_at,
        "closed_at": case.closed_at,
    }


def _records(found: Gathered) -> Iterator[tuple[str, bytes]]:
    """What each piece of evidence held when it was filed, in the form of which its line has the hash."""
    filed = [int(line.detail["evidence"]) for line in found.about("EvidenceAdded")]
    for evidence in Evidence.objects.filter(pk__in=filed).order_by("pk"):
        yield f"records/{evidence.pk}.json", canonical.text(evidence.record).encode()


def _photos(found: Gathered) -> Iterator[tuple[str, bytes]]:
    named = {name for act in WITH_PHOTOS for line in found.about(act) for name in line.detail["photos"]}
    media = {one.sha256: one for one in Media.objects.filter(sha256__in=named).order_by("pk")}
    for name in sorted(media):
        yield f"photos/{name}", photo_bytes(media[name])


def _footage(found: Gathered) -> Iterator[tuple[str, bytes]]:
    """The clips and stills that were filed; what was damaged since stops the bundle, as with photos."""
    numbers = [int(line.subject.partition("/")[2]) for line in found.about("FootageStored")]
    by_hash: dict[str, Footage] = {one.sha256: one for one in footage_filed(numbers)}
    for name in sorted(by_hash):
        yield f"footage/{name}", footage_bytes(by_hash[name])


def _microseconds(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, default=datetime.isoformat).encode() + b"\n"


def _json_lines(rows: Iterator[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)
