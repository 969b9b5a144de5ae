"""What every connector must do, however its payloads come; a new one is covered by being registered.

`tests/payloads/<code>/` holds payloads as senders gave them. Beside each, `NAME.expected.json` says by which settings
it was read, what was observed, and a piece of each fault that must be named.
"""

import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.kit.errors import BadInput
from qingyuan.sensing import connectors
from qingyuan.sensing.brought.foretold import Foretold
from qingyuan.sensing.brought.scanned import Scanned
from qingyuan.sensing.brought.spotted import Spotted
from qingyuan.sensing.connector import CONNECTORS, BadPayload, Connector, Delivered, Observed, Payload, Read
from qingyuan.sensing.filmed.film import Filmed
from qingyuan.sensing.tables.sheets import BrokenOff
from qingyuan_science.series import Mark, moment

connectors.load()
PAYLOADS = Path(__file__).resolve().parents[1] / "payloads"
RECEIVED = datetime(2026, 11, 22, 2, tzinfo=UTC)
RECEIVED_US = round(RECEIVED.timestamp() * 1_000_000)
EXPECTED = ".expected.json"
NESTED = 50_000

every_connector = pytest.mark.parametrize("connector", CONNECTORS, ids=lambda connector: connector.code)


def recorded(connector: type[Connector]) -> list[Path]:
    return sorted(path for path in (PAYLOADS / connector.code).glob("*") if not path.name.endswith(EXPECTED))


def stated(payload: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(payload.with_name(payload.stem + EXPECTED).read_text(encoding="utf-8"))
    return said


CASES = [pytest.param(one, path, id=f"{one.code}-{path.name}") for one in CONNECTORS for path in recorded(one)]
every_payload = pytest.mark.parametrize(("connector", "path"), CASES)
FORMS = [(one, stated(path)) for one in CONNECTORS for path in recorded(one)]


def read(connector: type[Connector], raw: bytes, said: dict[str, Any]) -> Read:
    payload = Payload(raw, said.get("address", "somewhere"), RECEIVED_US)
    return connector().read(payload, connector.checked(said["settings"]))


def plain(observed: Observed) -> dict[str, Any]:
    """What was observed, without what was left at its default and without its place."""
    told = {name: value for name, value in vars(observed).items() if value not in (None, "") and name != "where"}
    told["at"] = observed.at.astimezone(UTC).isoformat()
    return told if told["mark"] != Mark.NORMAL.value else {key: value for key, value in told.items() if key != "mark"}


def spotted(spot: Spotted) -> dict[str, Any]:
    """What a satellite saw, in plain words."""
    return {
        "kind": str(spot.kind), "at": spot.at.astimezone(UTC).isoformat(), "shape": spot.shape.wkt, "where": spot.where,
        "satellite": spot.satellite, "instrument": spot.instrument, "sureness": int(spot.sureness), "told": spot.told,
    }  # fmt: skip


def foretold(one: Foretold) -> dict[str, Any]:
    """What a bulletin foretells, in plain words; what it leaves open is left out."""
    told = {name: value for name, value in vars(one).items() if value not in (None, 0, (), {})}
    told |= {"day": one.day.isoformat(), "issued_at": one.issued_at.astimezone(UTC).isoformat()}
    return told | ({"primary": list(one.primary)} if one.primary else {})


@every_connector
def test_it_has_recorded_payloads_with_and_without_faults(connector: type[Connector]) -> None:
    assert recorded(connector)
    told = [stated(path) for path in recorded(connector)]
    kinds = ("spots", "filmed", "records", "foretold", "scans")
    assert any(said["observed"] or any(said.get(one) for one in kinds) for said in told)
    assert any(said["faults"] or said.get("refused") for said in told)


def test_every_recorded_payload_belongs_to_a_connector() -> None:
    assert {path.name for path in PAYLOADS.iterdir()} == {connector.code for connector in CONNECTORS}


def delivered(found: Delivered | None) -> dict[str, Any] | None:
    """What a list delivers, in plain words."""
    if found is None:
        return None
    rows = [[number, list(cells)] for number, cells in found.rows]
    return {"list": found.list_code, "titles": list(found.titles), "rows": rows}


def filmed(found: Filmed | None) -> dict[str, Any] | None:
    """What a camera filmed, in plain words."""
    if found is None:
        return None
    told = found.told_at.astimezone(UTC).isoformat()
    return {"camera": found.camera, "told_at": told, **vars(found.film)}


def scanned(scan: Scanned) -> dict[str, Any]:
    """What a lidar saw, in plain words."""
    first, last = (moment(int(scan.at[place])).isoformat() for place in (0, -1))
    rows = [[None if math.isnan(one) else round(one, 4) for one in row] for row in scan.values.tolist()]
    return {
        "station": scan.station, "quantity": scan.quantity, "kind": str(scan.kind), "first": first, "last": last,
        "site": list(scan.site) if scan.site else None, "ranges": scan.ranges.tolist(),
        "azimuth": scan.azimuth.tolist(), "elevation": scan.elevation.tolist(), "values": rows,
    }  # fmt: skip


@every_payload
def test_a_recorded_payload_says_what_is_stated(connector: type[Connector], path: Path) -> None:
    said = stated(path)
    if "refused" in said:  # a clip or still has no parts: it is taken as a whole or not at all
        with pytest.raises(BadPayload, match=said["refused"]):
            read(connector, path.read_bytes(), said)
        return
    found = read(connector, path.read_bytes(), said)
    assert [plain(observed) for observed in found.observed] == said["observed"]
    assert [spotted(spot) for spot in found.spots or ()] == said.get("spots", [])
    assert filmed(found.filmed) == said.get("filmed")
    assert delivered(found.records) == said.get("records")
    assert [foretold(one) for one in found.foretold or ()] == said.get("foretold", [])
    assert [scanned(scan) for scan in found.scans or ()] == said.get("scans", [])
    assert len(found.faults) == len(said["faults"])
    for piece, (_, detail) in zip(said["faults"], found.faults, strict=True):
        assert piece in detail


@every_payload
def test_reading_twice_says_the_same(connector: type[Connector], path: Path) -> None:
    said, raw = stated(path), path.read_bytes()
    if "refused" in said:
        return
    once, again = read(connector, raw, said), read(connector, raw, said)
    assert (once.observed, once.faults) == (again.observed, again.faults)


def says_something_or_why_not(connector: type[Connector], raw: bytes, said: dict[str, Any]) -> None:
    """No other error than BadPayload, and no silence."""
    try:
        found, why = read(connector, raw, said), ""
    except BadPayload as error:
        found, why = Read(faults=[("BadPayload", str(error))]), str(error)
    assert not why or "expected" in why
    told = (found.observed, found.spots, found.filmed, found.foretold, found.scans, found.faults)
    assert any(told) or walked(found.records)
    assert all(one.at.tzinfo is not None and one.name for one in found.observed)
    assert all(fault and detail for fault, detail in found.faults)


def walked(found: Delivered | None) -> bool:
    """Whether a list was delivered; its rows end, or break off with a word."""
    if found is None:
        return False
    try:
        return bool(found.titles) and all(number > 0 for number, _cells in found.rows)
    except BrokenOff as error:
        return "expected" in str(error) or "damaged" in str(error)


@every_payload
def test_a_payload_cut_anywhere_is_read_or_refused(connector: type[Connector], path: Path) -> None:
    raw, said = path.read_bytes(), stated(path)
    for length in range(len(raw)):
        says_something_or_why_not(connector, raw[:length], said)


@every_payload
@pytest.mark.parametrize(
    "raw",
    [
        b"", b" ", b"\0", b"\xff\xfe", b"null", b"[]", b"{}", b"NaN", b'"x"', b"1e999", b"[[[]]]",
        b'{"readings": [null]}',
        b"[" * NESTED, b'{"a":' * NESTED, b"[" * NESTED + b"]" * NESTED,
        b'{"readings": [' + b"[" * 900 + b"]" * 900 + b"]}",
        b"9" * 5_000, b'{"value": ' + b"9" * 400 + b"}",
        b'{"value": true, "at": 1e400}',
        b'{"at": -1e18, "value": 1}',
        b'name,at,value\n"', b"name,at,value\na,b,c,d,e\n", b"name,name\n1,2\n", b"x" * 200_000 + b"\n1",
        b"\xef\xbb\xbf",
        b'{"readings": [{"name": "\\ud800", "at": "0001-01-01T00:00:00+14:00", "value": 1}]}',
    ],
    ids=range(26),
)  # fmt: skip
def test_bytes_that_mean_nothing_are_named(connector: type[Connector], path: Path, raw: bytes) -> None:
    says_something_or_why_not(connector, raw, stated(path))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["readings", "name", "at", "value", "data", "rows", "id", "t", "v", "ts"]), inner
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.binary(max_size=200) | JSON.map(lambda document: json.dumps(document).encode()), st.sampled_from(FORMS))
def test_any_bytes_are_read_or_refused(raw: bytes, form: tuple[type[Connector], dict[str, Any]]) -> None:
    says_something_or_why_not(form[0], raw, form[1])


@every_connector
def test_its_settings_are_declared_in_both_languages_and_checked(connector: type[Connector]) -> None:
    names = [setting.name for setting in connector.settings]
    assert len(set(names)) == len(names)
    for setting in connector.settings:
        assert setting.title.zh
        assert setting.title.en
        assert setting.help.zh
        assert setting.help.en
        assert not setting.default or setting.checked(setting.default) == setting.default
        if setting.required:
            with pytest.raises(BadInput, match=setting.name):
                setting.checked("")
    with pytest.raises(BadInput, match="nothing-like-that"):
        connector.checked({"nothing-like-that": "x"})


@every_connector
def test_what_it_declares_as_secret_is_never_a_default(connector: type[Connector]) -> None:
    assert [setting.name for setting in connector.settings if setting.secret and setting.default] == []


@every_connector
def test_payloads_reach_it_by_one_door(connector: type[Connector]) -> None:
    listens = connector.listen is not Connector.listen
    assert connector.listens is listens
    assert not (connector.listens and connector.posted)
