"""The same drawn lists through the platform's own doors: delivered as files, kept as records, built into sources."""

import csv
import io
import time
from collections.abc import Iterator
from typing import Any
from unicodedata import normalize

import psutil
from _pages import district

from qingyuan_science.worlds.source_lists import SourceLists

# by list that was drawn: the list of the catalogue, what its rows need beside, and which column has what
DELIVERED: dict[str, tuple[str, dict[str, str], dict[str, str]]] = {
    "approval": (
        "eia_approvals",
        {"批复文号": "id", "项目名称": "技改项目", "批复日期": "2025-06-01"},
        {"建设单位": "name", "统一社会信用代码": "code", "行业代码": "industry", "建设地点": "address",
         "法定代表人": "person", "联系电话": "phone", "经度": "lon", "纬度": "lat"},
    ),
    "enforcement": (
        "penalties",
        {"处罚决定书文号": "id", "决定日期": "2025-06-01"},
        {"当事人": "name", "统一社会信用代码": "code", "行业代码": "industry", "住所地": "address",
         "法定代表人": "person", "经度": "lon", "纬度": "lat"},
    ),
    "census": (
        "pollution_census",
        {"普查年度": "2025"},
        {"单位名称": "name", "统一社会信用代码": "code", "行业代码": "industry", "地址": "address",
         "排污许可证编号": "permit", "法定代表人": "person", "联系电话": "phone", "经度": "lon", "纬度": "lat"},
    ),
    "permits": (
        "discharge_permits",
        {"管理类别": "简化管理", "有效期起": "2024-01-01"},
        {"许可证编号或登记编号": "permit", "单位名称": "name", "统一社会信用代码": "code", "行业代码": "industry",
         "生产经营场所地址": "address", "法定代表人": "person", "联系电话": "phone", "经度": "lon", "纬度": "lat"},
    ),
}  # fmt: skip
EARLIER = {
    "approval": ("建设单位", "统一社会信用代码", "行业代码"),
    "enforcement": ("当事人", "统一社会信用代码"),
    "census": ("单位名称", "统一社会信用代码", "行业代码", "地址"),
}
"""The columns that these lists had before; the others are left empty with `--earlier`."""
FILE_ROWS = 40_000


def build(drawn: SourceLists, *, earlier: bool = False) -> Iterator[tuple[str, Any]]:
    """Deliver the lists, build, and give what came of it: figures, and the sources of the rows beside the truth."""
    with district() as bureau:
        from qingyuan.people.api import register_person
        from qingyuan.registering.api import ask_for_build, compute_build

        user = register_person("analyst", name_zh="分析", name_en="Analyst", role="analyst", organisation=bureau)
        began = time.process_time()
        codes = {name: DELIVERED[name][0] for name in drawn.rows}
        faulty = {name: _deliver(user, drawn, name, earlier=earlier) for name in codes}
        yield "delivered", (time.process_time() - began, faulty)
        made = ask_for_build(user, list(codes.values()))
        began, own, postgres = time.perf_counter(), time.process_time(), _postgres()
        compute_build(made.pk)
        made.refresh_from_db()
        if made.state != "done":
            raise SystemExit(made.why)
        spent = time.perf_counter() - began, time.process_time() - own, _postgres() - postgres
        yield "built", (spent, made.counts, psutil.Process().memory_info().rss)
        yield "rows", _rows(user, drawn, codes)


def _postgres() -> float:
    from django.db import connection

    connection.ensure_connection()
    times = psutil.Process(connection.connection.info.backend_pid).cpu_times()
    return float(times.user + times.system)


def _deliver(user: Any, drawn: SourceLists, name: str, *, earlier: bool) -> int:
    from qingyuan.kit.log import PLATFORM
    from qingyuan.sensing.api.records import bring_records, enter_records, take_over_list

    code, fixed, columns = DELIVERED[name]
    kept = EARLIER.get(name, tuple(columns)) if earlier else tuple(columns)
    take_over_list(code, None)
    rows, refused = drawn.rows[name], 0
    for start in range(0, len(rows), FILE_ROWS):
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow([*fixed, *kept])
        for row in rows[start : start + FILE_ROWS]:
            given = {**row, "permit": row["permit"] or (f"N{row['id']}" if name == "permits" else None)}
            lead = [row["id"] if value == "id" else value for value in fixed.values()]
            writer.writerow([*lead, *("" if given[columns[one]] is None else given[columns[one]] for one in kept)])
        file = bring_records(user, code, f"{name}.csv", text.getvalue().encode(), origin=PLATFORM)
        refused += enter_records(file.pk, user, PLATFORM).faulty
    return refused


def _rows(user: Any, drawn: SourceLists, codes: dict[str, str]) -> tuple[list[int], list[int], list[tuple[int, ...]]]:
    """Of every record the number of its source and the true enterprise, and the sources of each question.

    A record is known again by its values; two rows of one list that are the same record are one.
    """
    from qingyuan.registering.logic.lists import rows_of
    from qingyuan.registering.queries import WrittenRow, noted_pairs, open_pairs

    source = {row.key: row.source_id or 0 for row in WrittenRow.objects.all()}
    true: dict[str, list[int]] = {}
    for key, enterprise in _known(drawn, codes, rows_of(user, list(codes.values()))):
        true.setdefault(key, []).append(enterprise)
    of = [(source[key], one) for key, every in true.items() for one in every]
    pairs = [
        (pair.question_id or 0, pair.one.source_id or 0, pair.other.source_id or 0, true[pair.one.key][0],
         true[pair.other.key][0])
        for found in (open_pairs(user), noted_pairs(user)) for pair in found
        if pair.one.key in true and pair.other.key in true
    ]  # fmt: skip
    return [one for one, _ in of], [one for _, one in of], pairs


def _known(drawn: SourceLists, codes: dict[str, str], rows: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """The key of the written row that each drawn row became, and its enterprise."""
    at = {_mark(row.of, row.values): key for key, row in rows.items()}
    for name, code in codes.items():
        columns = DELIVERED[name][2].values()
        for row in drawn.rows[name]:
            given = {part: value for part, value in row.items() if part in columns}
            if name == "permits":
                given["permit"] = row["permit"] or f"N{row['id']}"
            key = at.get(_mark(code, given))
            if key is not None:
                yield key, drawn.truth[row["id"]]


def _mark(of: str, values: dict[str, Any]) -> tuple[str, ...]:
    """What a row says, as the platform tells rows apart."""
    told = [_plain(values.get(part)) for part in ("name", "code", "permit", "address")]
    if not any(told[1:]):
        told += [_plain(values.get(part)) for part in ("person", "phone")]
    return of, *told


def _plain(value: Any) -> str:
    return "".join(normalize("NFKC", str(value or "")).upper().split()).replace("-", "")
