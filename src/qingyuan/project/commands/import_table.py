"""`qingyuan import FILE --feed CODE`: take a CSV or Excel table in, or only say how it would be read."""

import argparse
import json
import sys
from pathlib import Path

from qingyuan.project.commands._command import Command

FAULTS_SHOWN = 20


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="a table: .csv or .xlsx")
    parser.add_argument("--feed", required=True, help="code of a feed of tables; with --settings it is made if need be")
    parser.add_argument("--settings", type=json.loads, metavar="JSON", help="settings that the feed gets first")
    parser.add_argument("--dry-run", action="store_true", help="only say how the first rows would be read")


def _run(options: argparse.Namespace) -> int:
    from qingyuan.kit.errors import QingyuanError

    try:
        raw = options.file.read_bytes()
        return _look(options, raw) if options.dry_run else _import(options, raw)
    except (OSError, QingyuanError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _look(options: argparse.Namespace, raw: bytes) -> int:
    from qingyuan.sensing.queries import guess_table, preview_table

    settings = _settings(options)
    if not settings:
        guess = guess_table(raw)
        measured = {one.title: {"name": _code(one), "unit": one.unit} for one in guess.measured}
        settings = {**guess.settings, "columns": json.dumps(measured, ensure_ascii=False)}
        sys.stdout.write(f"guessed: {json.dumps(settings, ensure_ascii=False)}\n")
    preview = preview_table(raw, settings)
    for line in preview.lines:
        said = ", ".join(f"{name} {one.value} {one.unit} {one.mark}" for name, one in line.said.items())
        sys.stdout.write(f"row {line.number} {line.at.isoformat()} {said}\n")
    more = "" if preview.whole else " (the rest was not looked at)"
    sys.stdout.write(f"{preview.observed} values in {preview.rows} rows, {len(preview.faults)} faults{more}\n")
    _tell(preview.faults[:FAULTS_SHOWN])
    return 0


def _code(one: object) -> str:
    factors = getattr(one, "factors", ())
    return factors[0].code if factors else ""


def _settings(options: argparse.Namespace) -> dict[str, str]:
    """The settings of the feed as it is, with what is given now over them."""
    from qingyuan.sensing.queries import Feed

    known = Feed.objects.filter(code=options.feed).first()
    return {**(known.settings if known else {}), **(options.settings or {})}


def _import(options: argparse.Namespace, raw: bytes) -> int:
    from qingyuan.kit import log
    from qingyuan.kit.errors import NotFound
    from qingyuan.recording.api import import_table
    from qingyuan.recording.queries import import_faults
    from qingyuan.sensing.queries import Feed

    if options.settings is not None:
        _define(options)
    feed = Feed.objects.filter(code=options.feed).first()
    if feed is None:
        raise NotFound(f"found no feed {options.feed!r}: give --settings to make it")
    made = import_table(feed, options.file.name, raw, log.PLATFORM)
    counts = f"{made.new} new, {made.changed} changed, {made.unchanged} unchanged, {made.faulty} faulty"
    sys.stdout.write(f"import {made.pk}: {counts}\n")
    _tell(list(import_faults(made, FAULTS_SHOWN)))
    return 0


def _define(options: argparse.Namespace) -> None:
    from qingyuan.places.queries import Station
    from qingyuan.sensing.api import define_feed
    from qingyuan.sensing.connector import CONNECTORS
    from qingyuan.sensing.queries import Feed, layout_of

    settings = CONNECTORS.get("table").checked(_settings(options))
    known = Feed.objects.filter(code=options.feed).first()
    define_feed(
        options.feed,
        connector="table",
        title_zh=known.title_zh if known else options.feed,
        title_en=known.title_en if known else options.feed,
        settings=settings,
        stations=Station.objects.filter(code__in=layout_of(settings).stations_named),
    )


def _tell(faults: list[tuple[str, str]]) -> None:
    for fault, detail in faults:
        sys.stdout.write(f"  {fault}: {detail}\n")


IMPORT = Command("take in a CSV or Excel table of readings", _run, _options)
