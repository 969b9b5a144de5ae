"""`qingyuan rehearse` and `qingyuan rules`: what rules would have found, and rules taken from place to place."""

import argparse
import json
import sys
from collections import Counter
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from qingyuan.project.commands._command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rules", type=Path, help="a rule set, as `qingyuan rules export` writes it")
    parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True, help="first day, as 2025-01-01")
    parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True, help="last day, included")
    parser.add_argument("--json", action="store_true", help="one line of JSON for each finding")


def _rehearse(options: argparse.Namespace) -> int:
    from qingyuan.judging.api import rehearse
    from qingyuan.kit.clock import SHANGHAI
    from qingyuan.kit.errors import QingyuanError

    start = datetime.combine(options.first, time(), SHANGHAI)
    end = datetime.combine(options.last, time(), SHANGHAI) + timedelta(days=1)
    counted: Counter[tuple[str, str]] = Counter()
    try:
        for look, episode in rehearse(_read(options.rules), (start, end)):
            counted[look.detector, episode.worst.severity.label.en] += 1
            if options.json:
                sys.stdout.write(json.dumps(_line(look, episode), ensure_ascii=False) + "\n")
    except (QingyuanError, OSError, json.JSONDecodeError) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    for (detector, severity), count in sorted(counted.items()):
        sys.stderr.write(f"{detector:24} {severity:10} {count:>8,}\n")
    sys.stderr.write(f"{sum(counted.values()):,} findings from {options.first} to {options.last}\n")
    return 0


def _line(look: Any, episode: Any) -> dict[str, Any]:
    return {
        "detector": look.detector,
        "station": look.channel.station.code,
        "factor": look.channel.factor,
        "kind": look.kind,
        "started_at": episode.start.isoformat(),
        "ended_at": episode.end.isoformat(),
        "severity": int(episode.worst.severity),
        "peak": episode.worst.peak,
        "sentence_zh": episode.runs[-1].sentence.zh,
        "sentence_en": episode.runs[-1].sentence.en,
    }


def _rules_options(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    acts.add_parser("export", help="write all watch rules and overrides as JSON")
    taken = acts.add_parser("import", help="put the rules of a file into force beside those that are")
    taken.add_argument("rules", type=Path, help="a rule set")


def _rules(options: argparse.Namespace) -> int:
    from qingyuan.judging.api import export_rules, import_rules, rule_file
    from qingyuan.kit.errors import QingyuanError

    if options.act == "export":
        sys.stdout.write(json.dumps(rule_file(export_rules()), ensure_ascii=False, indent=2) + "\n")
        return 0
    try:
        new = import_rules(_read(options.rules))
    except (QingyuanError, OSError, json.JSONDecodeError) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    sys.stdout.write(f"{new} rules are new\n")
    return 0


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


REHEARSE = Command("what a rule set would have found in stored readings", _rehearse, _options)
RULES = Command("watch rules as a file: export and import", _rules, _rules_options)
