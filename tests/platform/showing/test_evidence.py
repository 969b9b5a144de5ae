"""A case as a bundle: made on the platform, checked by a program that knows nothing but the bundle."""

import base64
import csv
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from casefile import NINE, OFFICE, inspect
from django.db import connection
from django.test import Client
from django.urls import reverse
from wire import frame, hour_packet

from qingyuan.kit import canonical, clock, merkle
from qingyuan.kit.proof import anchors
from qingyuan.kit.queries import lines
from qingyuan.kit.verifier import verify_bundle as verifier

pytestmark = pytest.mark.django_db


PEER = "10.0.0.9:4711"


Members = dict[str, bytes]


def _arrive(mn: str, hours: dict[datetime, float], packet: Callable[..., bytes] = hour_packet) -> None:
    """Packets of hours come in one batch, by the gateway's own door."""
    from qingyuan.recording.api import append
    from qingyuan.sensing.logic.intake import Arrival, take_in
    from qingyuan.sensing.logic.registry import Registry
    from qingyuan_science.hj212 import STANDARD, Frame, Framer

    arrivals = []
    for number, (at, value) in enumerate(hours.items()):
        local = at.astimezone(clock.SHANGHAI)
        (frame,) = Framer(STANDARD).feed(packet(mn, f"{local:%Y%m%d%H}0000", value))
        assert isinstance(frame, Frame)
        stamp = round(NINE.timestamp() * 1_000_000) + 3_600_000_000 + number
        arrivals.append(Arrival(frame.raw, PEER, stamp, frame.segment, STANDARD))
    take_in(arrivals, Registry(), append)


@pytest.fixture
def anchor_file(settings: Any, tmp_path: Path) -> Path:
    settings.ANCHOR_FILE = tmp_path / "anchors.jsonl"
    return tmp_path / "anchors.jsonl"


@pytest.fixture
def filed(cast: Any, device: Any, channel: Any, anchor_file: Path) -> Any:
    """A case found in real packets, inspected with a photo; heads of the log were kept on the way."""
    from casefile import LONG_AGO

    from qingyuan.dispatching.api import act, add_rule, open_case_for_finding
    from qingyuan.dispatching.queries import Case
    from qingyuan.judging.api import judge_readings, set_watch
    from qingyuan.judging.events import FindingOpened
    from qingyuan.recording.events import ReadingsAppended

    set_watch("exceedance", kind="h", valid_from=LONG_AGO)
    add_rule(
        title_zh="超标", title_en="Over", case_type="exceedance", organisation=cast.handler.organisation,
        valid_from=LONG_AGO,
    )  # fmt: skip
    anchors.anchor()
    _arrive(device.mn, {NINE.replace(hour=0): 31.5, NINE: 68.4})
    judge_readings(ReadingsAppended.from_detail(lines(acts=["ReadingsAppended"])[0].detail))
    open_case_for_finding(FindingOpened.from_detail(lines(acts=["FindingOpened"])[0].detail))
    case = Case.objects.get()
    anchors.anchor()
    act(case.pk, "accept", cast.grid_worker, OFFICE)
    inspect(case, cast.grid_worker, notes="一号曝气池停运")
    anchors.anchor()
    return case


@pytest.fixture
def bundle(filed: Any) -> Members:
    from qingyuan.showing.api import write_evidence

    file = io.BytesIO()
    write_evidence(filed, file)
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def faults(members: Members, kept: bytes | None = None) -> list[str]:
    found = verifier.Bundle(members)
    assert found.check(kept) == (not found.faults)
    return found.faults


def resealed(members: Members) -> Members:
    """What a forger makes: the manifest fits again."""
    manifest = json.loads(members["manifest.json"])
    manifest["files"] = {
        name: hashlib.sha256(content).hexdigest()
        for name, content in members.items()
        if not name.startswith("manifest")
    }
    text = json.dumps(manifest).encode()
    return {
        **members,
        "manifest.json": text,
        "manifest.sha256": f"{hashlib.sha256(text).hexdigest()}  manifest.json\n".encode(),
    }


def rows(members: Members, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in members[name].splitlines()]


def with_rows(members: Members, name: str, changed: list[dict[str, Any]]) -> Members:
    return resealed(
        {**members, name: b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in changed)}
    )


def test_a_bundle_holds_with_its_anchors_and_without(bundle: Members, anchor_file: Path) -> None:
    assert faults(bundle) == []
    assert faults(bundle, anchor_file.read_bytes()) == []


def test_a_bundle_holds_the_case_from_the_packet_to_the_photo(bundle: Members) -> None:
    told = [json.loads(row["body"])["act"] for row in rows(bundle, "log.jsonl")]
    for act in ("StandardApplied", "DeviceRegistered", "ReadingsAppended", "FindingOpened", "CaseOpened",
                "EvidenceAdded", "InspectionRecorded", "CaseMoved"):  # fmt: skip
        assert act in told
    packets = [base64.b64decode(row["raw"]) for row in rows(bundle, "packets.jsonl")]
    assert len(packets) == 2
    assert any(b"w01018-Avg=68.4" in packet for packet in packets)
    assert "68.4" in bundle["readings.csv"].decode()
    assert any("一号曝气池停运" in content.decode() for name, content in bundle.items() if name.startswith("records/"))
    assert len([name for name in bundle if name.startswith("photos/")]) == 1
    assert "verify.py" in bundle["README.md"].decode()
    assert "证据包" in bundle["README.zh-CN.md"].decode()


def sulphur_packet(mn: str, data_time: str, value: float) -> bytes:
    """An hourly packet of an air station, which tells SO2 in µg/m³ where an outlet would tell mg/m³."""
    return frame(
        f"QN=20261122100001000;ST=22;CN=2061;PW=123456;MN={mn};Flag=5;CP=&&DataTime={data_time};"
        f"a21026-Min={value - 1},a21026-Avg={value},a21026-Max={value + 1},a21026-Flag=N&&"
    )


@pytest.mark.parametrize("unit", ["µg/m3", "mg/m3"])
def test_a_bundle_about_ambient_air_holds_in_the_unit_of_air(cast: Any, anchor_file: Path, unit: str) -> None:
    from casefile import LONG_AGO

    from qingyuan.dispatching.api import add_rule, open_case_for_finding
    from qingyuan.dispatching.queries import Case
    from qingyuan.judging.api import judge_readings, set_watch
    from qingyuan.judging.events import FindingOpened
    from qingyuan.places.api import apply_standard, register_station
    from qingyuan.recording.events import ReadingsAppended
    from qingyuan.sensing.api import define_dialect, register_device
    from qingyuan.sensing.queries import Channel
    from qingyuan.showing.api import write_evidence
    from qingyuan_science.hj212 import STANDARD

    air = register_station(
        "air-1", title_zh="东镇站", title_en="East Town station", kind="ambient-air", lon=100.06, lat=30.1
    )
    apply_standard(air, standard="GB 3095", level="2", valid_from=LONG_AGO)
    Channel.objects.create(station=air, factor="a21026", basis="measured", unit=unit)
    define_dialect(STANDARD, title_zh="标准", title_en="Standard")
    device = register_device("A" * 24, station=air, password="123456")
    set_watch("exceedance", kind="h", valid_from=LONG_AGO)
    add_rule(
        title_zh="超标", title_en="Over", case_type="exceedance", organisation=cast.handler.organisation,
        valid_from=LONG_AGO,
    )  # fmt: skip
    _arrive(device.mn, {NINE.replace(hour=0): 31.5, NINE: 684.0}, sulphur_packet)
    judge_readings(ReadingsAppended.from_detail(lines(acts=["ReadingsAppended"])[0].detail))
    open_case_for_finding(FindingOpened.from_detail(lines(acts=["FindingOpened"])[0].detail))
    file = io.BytesIO()
    write_evidence(Case.objects.get(), file)
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    assert faults(members) == []
    table = list(csv.DictReader(members["readings.csv"].decode().splitlines()))
    assert {float(row["scale"]) for row in table} == {1.0 if unit == "µg/m3" else 0.001}
    assert [row["packets"].isdigit() for row in table] == [True, True]


@pytest.fixture
def imported(cast: Any, station: Any, channel: Any, anchor_file: Path) -> Members:
    """The bundle of a case found in hours that somebody imported as a table."""
    from casefile import LONG_AGO

    from qingyuan.dispatching.api import add_rule, open_case_for_finding
    from qingyuan.dispatching.queries import Case
    from qingyuan.judging.api import judge_readings, set_watch
    from qingyuan.judging.events import FindingOpened
    from qingyuan.recording.api import compute_means, import_table
    from qingyuan.recording.events import ReadingsAppended
    from qingyuan.sensing.api import define_feed
    from qingyuan.showing.api import write_evidence

    set_watch("exceedance", kind="h", valid_from=LONG_AGO)
    add_rule(
        title_zh="超标", title_en="Over", case_type="exceedance", organisation=cast.handler.organisation,
        valid_from=LONG_AGO,
    )  # fmt: skip
    layout = {"time": "时间", "at": station.code, "period": "h", "columns": '{"COD": {"name": "w01018"}}'}
    feed = define_feed("monthly", connector="table", title_zh="月报", title_en="M", stations=[station], settings=layout)
    local = NINE.astimezone(clock.SHANGHAI)
    table = "时间,COD\n" + "".join(f"{local:%Y-%m-%d} {hour:02}:00,{60 + hour}.5\n" for hour in range(local.hour + 1))
    import_table(feed, "月报.csv", table.encode(), OFFICE)
    event = ReadingsAppended.from_detail(lines(acts=["ReadingsAppended"])[0].detail)
    compute_means(event)
    judge_readings(event)
    open_case_for_finding(FindingOpened.from_detail(lines(acts=["FindingOpened"])[0].detail))
    file = io.BytesIO()
    write_evidence(Case.objects.get(), file)
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_readings_of_a_table_name_its_bytes_which_the_bundle_holds(imported: Members) -> None:
    (packet,) = rows(imported, "packets.jsonl")
    assert packet["mn"] == "feed:monthly"
    assert "时间,COD" in base64.b64decode(packet["raw"]).decode()
    found = list(csv.DictReader(io.StringIO(imported["readings.csv"].decode())))
    assert {row["packets"] for row in found if row["kind"] == "h"} == {str(packet["packet"])}
    checked = verifier.Bundle(imported)
    assert checked.check(None)
    sent = sum(row["kind"] == "h" for row in found)
    assert f"readings whose payload is in the bundle, numbers not compared: {sent}" in checked.said
    assert "readings that their packets say: 0" in checked.said


def test_a_forged_payload_is_found(imported: Members) -> None:
    (packet,) = rows(imported, "packets.jsonl")
    raw = base64.b64decode(packet["raw"])
    for change in (
        {"raw": base64.b64encode(raw.replace(b".5", b".6", 1)).decode()},
        {"received_us": packet["received_us"] + 1},
    ):
        assert faults(with_rows(imported, "packets.jsonl", [{**packet, **change}]))
    table = imported["readings.csv"].decode()
    later = table.replace(str(packet["received_us"]), str(packet["received_us"] + 1))
    assert faults(resealed({**imported, "readings.csv": later.encode()}))
    assert faults(with_rows(imported, "packets.jsonl", []))


def test_a_devices_packet_is_not_taken_for_a_payload(bundle: Members) -> None:
    table = bundle["readings.csv"].decode().replace("68.4", "48.4").encode()
    disguised = [{**row, "mn": "feed:monthly"} for row in rows(bundle, "packets.jsonl")]
    assert faults(with_rows({**bundle, "readings.csv": table}, "packets.jsonl", disguised))


def test_what_is_computed_here_is_told_apart_from_what_has_no_packet(bundle: Members) -> None:
    found = list(csv.DictReader(io.StringIO(bundle["readings.csv"].decode())))
    text = io.StringIO()
    made = csv.DictWriter(text, found[0].keys(), lineterminator="\n")
    made.writeheader()
    made.writerows([*found, {**found[0], "kind": "H", "packets": ""}, {**found[0], "kind": "r", "packets": ""}])
    checked = verifier.Bundle(resealed({**bundle, "readings.csv": text.getvalue().encode()}))
    assert checked.check(None)
    assert f"readings that their packets say: {len(found)}" in checked.said
    assert "readings computed here (kinds M, T, H, D): 1; without a packet: 1" in checked.said


def test_a_packet_is_proven_without_the_others_of_its_batch(bundle: Members) -> None:
    from qingyuan.sensing.queries import RawSegment

    row = rows(bundle, "packets.jsonl")[0]
    assert (row["count"], len(row["path"]), base64.b64decode(row["after"])) == (2, 1, b"")
    assert base64.b64decode(row["before"]).decode() == f"{row['received_us']} {PEER}\n"
    assert RawSegment.objects.get(pk=row["segment"]).packets == 2


def test_the_verifier_in_the_bundle_runs_alone(bundle: Members, anchor_file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    for name, content in bundle.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    command = [sys.executable, "-I", "-B", str(folder / "verify.py"), "--anchors", str(anchor_file)]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", env={}, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "everything holds" in done.stdout
    (folder / "kept.jsonl").write_bytes(anchor_file.read_bytes())
    beside = [sys.executable, "-I", "-B", "verify.py", "--anchors", "kept.jsonl"]
    assert subprocess.run(beside, capture_output=True, cwd=folder, env={}, check=False).returncode == 0
    (folder / "kept.jsonl").unlink()
    (folder / "head.json").write_text('{"size": 1, "root": "00"}')
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", env={}, check=False)
    assert done.returncode == 1
    assert "FAULT  head.json: its bytes are not those of the manifest" in done.stdout


def test_the_verifier_reads_the_zip_as_well_and_says_when_there_is_no_bundle(
    bundle: Members, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "bundle.zip"
    with zipfile.ZipFile(place, "w") as archive:
        for name, content in bundle.items():
            archive.writestr(name, content)
    assert verifier.main([str(place)]) == 0
    assert verifier.main([str(tmp_path / "nothing")]) == 2
    (tmp_path / "text").write_text("text")
    assert verifier.main([str(tmp_path / "text")]) == 2
    assert "expected a bundle of evidence" in capsys.readouterr().err


def test_a_changed_byte_anywhere_is_found(bundle: Members) -> None:
    for name, content in bundle.items():
        for place in {0, len(content) // 3, len(content) // 2, len(content) - 1}:
            changed = bytes([*content[:place], content[place] ^ 1, *content[place + 1 :]])
            assert faults({**bundle, name: changed}), f"{name} byte {place}"


def test_a_file_that_is_missing_or_too_many_is_found(bundle: Members) -> None:
    for name in bundle:
        assert faults({other: content for other, content in bundle.items() if other != name}), name
    assert faults({**bundle, "records/0.json": b"{}"})


def forged_lines(members: Members) -> Iterator[Members]:
    found = rows(members, "log.jsonl")
    for place, row in enumerate(found):
        body = json.loads(row["body"])
        body["why"] += "!"
        yield with_rows(
            members, "log.jsonl", [*found[:place], {**row, "body": canonical.text(body)}, *found[place + 1 :]]
        )
        other = {**row, "number": row["number"] + 1}
        yield with_rows(members, "log.jsonl", [*found[:place], other, *found[place + 1 :]])
    yield with_rows(members, "log.jsonl", [*found, found[0]])


def forged_packets(members: Members) -> Iterator[Members]:
    found = rows(members, "packets.jsonl")
    for row in found:
        rest = [other for other in found if other is not row]
        raw = base64.b64decode(row["raw"])
        for change in (
            {"raw": base64.b64encode(raw.replace(b"68.4", b"48.4").replace(b"31.5", b"11.5")).decode()},
            {"received_us": row["received_us"] + 1},
            {"peer": "10.0.0.8:1"},
            {"before": base64.b64encode(b"1 10.0.0.9:4711\n").decode(), "received_us": 1},
            {"segment": row["segment"] + 1},
            {"index": 1 - row["index"]},
            {"previous": "11" * 32},
        ):
            yield with_rows(members, "packets.jsonl", [*rest, {**row, **change}])


def forged_files(members: Members) -> Iterator[Members]:
    for name, content in members.items():
        if name.startswith("records/"):
            yield resealed({**members, name: content[:-1] + b',"x":1}'})
            yield resealed({other: value for other, value in members.items() if other != name})
        if name.startswith("photos/"):
            yield resealed({**members, name: content + b"\0"})
            yield resealed({other: value for other, value in members.items() if other != name})
    table = members["readings.csv"].decode()
    yield resealed({**members, "readings.csv": table.replace("68.4", "48.4").encode()})
    yield resealed({**members, "readings.csv": table.replace("31.5", "48.4").encode()})
    finding = members["findings.json"].decode()
    yield resealed({**members, "findings.json": finding.replace("68.4", "48.4").encode()})
    head = json.loads(members["head.json"])
    yield resealed({**members, "head.json": json.dumps({**head, "size": head["size"] + 1}).encode()})
    yield resealed({**members, "head.json": json.dumps({**head, "root": "00" * 32}).encode()})


@pytest.mark.parametrize("forge", [forged_lines, forged_packets, forged_files])
def test_a_forgery_is_found_even_where_the_manifest_was_made_again(
    bundle: Members, forge: Callable[[Members], Iterator[Members]]
) -> None:
    tried = 0
    for number, forged in enumerate(forge(bundle)):
        tried += 1
        assert faults(forged), number
    assert tried > 5


def test_a_log_made_anew_for_the_bundle_is_found_only_by_an_anchor_file(bundle: Members, anchor_file: Path) -> None:
    found = rows(bundle, "log.jsonl")
    bodies = [row["body"].replace("一号", "二号") for row in found]
    bodies = [body.replace("夜", "日") if "CaseMoved" in body else body for body in bodies]
    bodies[0] = bodies[0][:-2] + '!"}'
    leaves = [merkle.leaf_hash(body.encode()) for body in bodies]
    nodes, size = merkle.nodes_of(leaves), len(leaves)
    made = [
        {
            "number": index + 1,
            "body": body,
            "proof": [step.hex() for step in merkle.inclusion_proof(index, size, nodes)],
        }
        for index, body in enumerate(bodies)
    ]
    forged = with_rows(bundle, "log.jsonl", made)
    forged["head.json"] = json.dumps({"size": size, "root": merkle.root_of(leaves).hex()}).encode()
    forged["heads.jsonl"] = b""
    forged = resealed(forged)
    assert faults(forged) == []
    assert faults(forged, anchor_file.read_bytes()) == [
        "anchor file: none of its heads can be held against this bundle"
    ]


def test_an_anchor_file_with_another_root_is_told(bundle: Members, anchor_file: Path) -> None:
    kept = [json.loads(line) for line in anchor_file.read_bytes().splitlines()]
    kept[-1]["root"] = "11" * 32
    text = "\n".join(json.dumps(row) for row in kept).encode()
    assert any(f"the head over {kept[-1]['size']} lines" in fault for fault in faults(bundle, text))


def test_a_bundle_is_refused_when_a_photo_is_damaged(filed: Any, browser: Callable[[str], Client]) -> None:
    from qingyuan.inspecting.queries import Media

    path = Media.objects.get().path
    whole = path.read_bytes()
    path.write_bytes(whole + b"x")
    try:
        answer = browser("analyst").get(reverse("case-evidence", kwargs={"case_id": filed.pk}))
    finally:
        path.write_bytes(whole)
    assert answer.status_code == 409
    assert "A bundle cannot be made" in answer.content.decode()


def test_the_case_page_offers_the_bundle_to_whom_it_is_for(filed: Any, browser: Callable[[str], Client]) -> None:
    address = reverse("case-evidence", kwargs={"case_id": filed.pk})
    for person, offered in (("supervisor", True), ("officer", True), ("duty_officer", False)):
        page = browser(person).get(reverse("case", kwargs={"case_id": filed.pk})).content.decode()
        assert (address in page) == offered, person
    answer = browser("supervisor").get(address)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{filed.number}.zip"'
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:  # type: ignore[attr-defined]
        assert faults({name: archive.read(name) for name in archive.namelist()}) == []


def test_the_platform_finds_a_record_that_was_changed_in_the_database(filed: Any) -> None:
    from qingyuan.project.verification import verify

    assert verify().faults == []
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE dispatching_evidence SET record = record || '{\"notes\": \"\"}' WHERE kind = 'inspection'"
        )
        cursor.execute("UPDATE sensing_rawpacket SET received_at = received_at + interval '1 hour'")
    told = verify().faults
    assert len(told) == 2
    assert "raw segment" in told[0]
    assert "inspection/" in told[1]


def said(command: str, capsys: pytest.CaptureFixture[str], **options: Any) -> tuple[int, str, str]:
    from argparse import Namespace

    from qingyuan.project.commands import COMMANDS

    status = COMMANDS[command].run(Namespace(**options))
    told = capsys.readouterr()
    return status, told.out, told.err


def test_the_commands_anchor_verify_and_hand_out_a_case(
    filed: Any, anchor_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = said("anchor", capsys)
    assert (status, len(anchor_file.read_text().splitlines())) == (0, 4), "the same head a second time"
    assert f"kept in {anchor_file}" in out
    status, out, err = said("verify", capsys, anchors=None)
    assert (status, err) == (0, "")
    assert out.startswith("whole: ")
    assert "3 anchored heads, 1 segments of raw packets, 2 pieces of evidence, 1 photos" in out
    place = tmp_path / "case.zip"
    assert said("evidence", capsys, case_number=filed.number, out=place)[0] == 0
    assert verifier.main([str(place), "--anchors", str(anchor_file)]) == 0
    capsys.readouterr()
    assert said("evidence", capsys, case_number=filed.number, out=place)[2].endswith("exists: expected a new file\n")
    assert said("evidence", capsys, case_number="QY-0", out=tmp_path / "x")[2] == "there is no case QY-0\n"


def test_verify_tells_each_fault_on_a_line_of_its_own(
    filed: Any, anchor_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = lines()[0].seq
    with connection.cursor() as cursor:
        cursor.execute("UPDATE kit_entry SET why = 'x' WHERE seq = 3")
        cursor.execute("DELETE FROM kit_entry WHERE seq = %s", [cut])
        cursor.execute("DELETE FROM kit_node WHERE (position + 1) << level::int >= %s", [cut])
    status, out, err = said("verify", capsys, anchors=None)
    first, *rest = err.splitlines()
    assert status == 1
    assert out.startswith("broken: ")
    assert first.startswith("broken: line 3 (")
    assert rest
    assert all(
        f"a head over {cut} lines was kept" in line and f"ends with line {cut - 1}: cut" in line for line in rest
    )
    status, _, err = said("verify", capsys, anchors=anchor_file.with_name("other"))
    assert status == 2
    assert "there is no such file" in err


def test_the_log_page_holds_the_log_against_kept_heads(
    filed: Any, anchor_file: Path, browser: Callable[[str], Client]
) -> None:
    kept = json.loads(anchor_file.read_text().splitlines()[0])
    anchor_file.write_text(json.dumps({**kept, "root": "00" * 32}))
    page = browser("administrator").post(reverse("log-verify"), follow=True).content.decode()
    assert "The chain is broken" in page
    assert f"lines 1 to {kept['size']} are not those whose head was kept" in page
