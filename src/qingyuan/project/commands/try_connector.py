"""`qingyuan try connector CODE FILE`: what a connector reads in a file, on the terminal; nothing is stored."""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from qingyuan.project.commands._command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=["connector"])
    parser.add_argument("code", help="code of the connector")
    parser.add_argument("file", help="a payload: one message, one answer, one file; - for standard input")
    parser.add_argument("--settings", default="{}", metavar="JSON", help="the feed's settings; left out: the defaults")
    parser.add_argument("--address", metavar="TEXT", help="topic, name of the file or address that it came from")


def _run(options: argparse.Namespace) -> int:
    from django.conf import settings as platform

    if not platform.configured:
        platform.configure()
    from qingyuan.kit.errors import QingyuanError
    from qingyuan.sensing import connectors
    from qingyuan.sensing.connector import CONNECTORS, Payload
    from qingyuan_science.plugins import UnknownPlugin

    connectors.load()
    try:
        raw = sys.stdin.buffer.read() if options.file == "-" else Path(options.file).read_bytes()
        connector = CONNECTORS.get(options.code)
        settings = connector.checked({**_example(connector), **_given(options.settings)})
        address = options.address or Path(options.file).name
        read = connector().read(Payload(raw, address, time.time_ns() // 1_000), settings)
    except (QingyuanError, UnknownPlugin, json.JSONDecodeError, OSError) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    for observed in read.observed:
        sys.stdout.write(json.dumps(_told(observed), ensure_ascii=False) + "\n")
    for fault, detail in read.faults:
        sys.stderr.write(f"{fault}: {detail}\n")
    return 1 if read.faults else 0


def _given(text: str) -> dict[str, Any]:
    from qingyuan.kit.errors import BadInput

    settings = json.loads(text)
    if not isinstance(settings, dict):
        raise BadInput(f"found settings {text}, expected a JSON object")
    return settings


def _example(connector: Any) -> dict[str, str]:
    """Something for each setting that must be there, of which only those matter that `read` looks at."""
    needed = (setting for setting in connector.settings if setting.required and not setting.default)
    return {setting.name: "http://example.org/" if setting.name == "url" else setting.name for setting in needed}


def _told(observed: Any) -> dict[str, Any]:
    values = {name: value for name, value in vars(observed).items() if value not in (None, "")}
    return {**values, "at": observed.at.isoformat()}


TRY = Command("read a file by a connector, and say what it says", _run, _options, needs_platform=False)
