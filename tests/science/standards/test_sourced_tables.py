"""Every table says of every entry where it comes from, from when it holds and how far it was checked."""

import copy
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import qingyuan_science.standards.reading
from qingyuan_science.standards.errors import BrokenTable, NoEdition
from qingyuan_science.standards.reading import Status, read_table
from qingyuan_science.standards.sourced import check_sourced, table_on, tables_of

FOLDER = Path(qingyuan_science.standards.reading.__file__).parent / "tables"
FILES = sorted(str(path.relative_to(FOLDER).with_suffix("")) for path in FOLDER.rglob("*.toml"))
ROW_BY_ROW = {"marking": ("mark", "cap"), "validity": ("rule",)}  # tables whose rows name their source one by one
FILES = [name for name in FILES if name not in ROW_BY_ROW]
FOLDERS = ("air/", "water/", "emission/", "noise/", "tax/", "codes/", "procedure/", "monitoring/", "pollution/")
SOURCED = [name for name in FILES if name.startswith(FOLDERS)]


def entries(data: Any, above: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every block of rows with all that stands above it."""
    if isinstance(data, list):
        for one in data:
            yield from entries(one, above)
    elif isinstance(data, dict):
        known = {**above, **{key: value for key, value in data.items() if not isinstance(value, dict | list)}}
        known |= {key: data[key] for key in ("clause", "rows", "columns") if key in data}
        if "rows" in data:
            yield known
        else:
            for value in data.values():
                yield from entries(value, known)


def blocks(name: str) -> list[dict[str, Any]]:
    data = read_table(name)
    tables = [dict(edition, table=None) | table for edition in data.get("edition", []) for table in edition["table"]]
    return tables or list(entries(data, {}))


@pytest.mark.parametrize("name", FILES)
def test_every_entry_of_every_table_has_a_source(name: str) -> None:
    found = blocks(name)
    assert found
    for block in found:
        for key in ("document", "clause", "valid_from", "status"):
            assert block.get(key), f"{name}: {key}"
        assert isinstance(block["valid_from"], date)
        Status(block["status"])


@pytest.mark.parametrize("name", FILES)
def test_every_figure_has_a_unit(name: str) -> None:
    for block in blocks(name):
        unit_of_rows = all("unit" in row for row in block["rows"] if isinstance(row, dict))
        assert block.get("unit") or "unit" in block.get("columns", ()) or unit_of_rows


@pytest.mark.parametrize("name", SOURCED)
@pytest.mark.parametrize("key", ["clause", "unit", "status", "rows"])
def test_a_table_without_source_is_refused_with_its_name(name: str, key: str) -> None:
    data = copy.deepcopy(read_table(name))
    del data["edition"][0]["table"][0][key]
    with pytest.raises(BrokenTable, match=f"{data['edition'][0]['document'].split('(')[0]}.*{key}"):
        check_sourced(data, name)


@pytest.mark.parametrize("name", SOURCED)
def test_an_edition_without_days_is_refused(name: str) -> None:
    data = copy.deepcopy(read_table(name))
    del data["edition"][0]["valid_from"]
    with pytest.raises(BrokenTable, match="valid_from"):
        check_sourced(data, name)


def test_a_day_before_the_first_edition_is_refused_with_the_first_day() -> None:
    with pytest.raises(NoEdition, match="2016-01-01"):
        table_on("air/index", "breakpoints", date(2015, 12, 31))


@pytest.mark.parametrize(
    ("name", "holds"), [("air/index", "breakpoints"), ("air/warning", "levels"), ("air/assessment", "percentiles")]
)
def test_editions_follow_each_other_without_gap_or_overlap(name: str, holds: str) -> None:
    tables = tables_of(name, holds)
    assert len(tables) > 1
    for one, following in pairwise(tables):
        assert one.valid_to is not None
        assert following.valid_from.toordinal() == one.valid_to.toordinal() + 1
    assert tables[-1].valid_to is None


def test_what_was_not_checked_says_so_in_its_source() -> None:
    (city_index,) = tables_of("water/assessment", "city_index")
    assert "not checked" in str(city_index.source.note)
    assert tables_of("air/index", "breakpoints")[0].source.note == ""


@pytest.mark.parametrize(("name", "kind"), [(name, kind) for name, kinds in ROW_BY_ROW.items() for kind in kinds])
def test_every_rule_of_a_table_without_blocks_has_a_source(name: str, kind: str) -> None:
    rows = read_table(name)[kind]
    assert rows
    for row in rows:
        assert row.get("document"), f"{name}: {row}"
        Status(row["status"])
