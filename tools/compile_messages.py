"""Compiles every django.po under src/qingyuan/locale into the .mo beside it, so that no system gettext is needed.

It reads what the project's catalogues use: msgctxt, msgid, msgid_plural, msgstr, msgstr[n], and texts over several
lines. A text translated twice in two ways, a broken line, or a missing placeholder stops it with file and line.
"""

import ast
import re
import struct
import sys
from dataclasses import dataclass, field
from pathlib import Path

LOCALE = Path(__file__).resolve().parent.parent / "src" / "qingyuan" / "locale"
LINE = re.compile(r'(?:(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?)\s+)?(".*")')
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
MAGIC = 0x950412DE


class BadCatalogue(Exception):
    """A .po file that cannot be compiled; says where, what was found and what was expected."""


@dataclass
class Entry:
    line: int
    fuzzy: bool
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        context = f"{self.texts['msgctxt']}\x04" if "msgctxt" in self.texts else ""
        plural = f"\0{self.texts['msgid_plural']}" if "msgid_plural" in self.texts else ""
        return f"{context}{self.texts['msgid']}{plural}"

    @property
    def translation(self) -> str:
        return "\0".join(text for name, text in self.texts.items() if name.startswith("msgstr"))


def read(path: Path) -> list[Entry]:
    """Every entry of a catalogue, in its order; a `#~` line is an entry out of use and is skipped."""
    entries: list[Entry] = []
    current, part = Entry(0, fuzzy=False), ""
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            if current.texts:
                entries.append(current)
                current, part = Entry(number, fuzzy=False), ""
            current.fuzzy |= line.startswith("#,") and "fuzzy" in line
            continue
        found = LINE.fullmatch(line)
        if not found or not (found[1] or part):
            raise BadCatalogue(f'{path}:{number}: found {line!r}, expected msgid "...", msgstr "..." or a comment')
        if found[1] in ("msgid", "msgctxt") and any(name.startswith("msgstr") for name in current.texts):
            entries.append(current)
            current = Entry(number, fuzzy=False)
        part = found[1] or part
        current.line = current.line if current.texts else number
        current.texts[part] = current.texts.get(part, "") + str(ast.literal_eval(found[2]))
    return [*entries, current] if current.texts else entries


def checked(path: Path, entries: list[Entry]) -> dict[str, str]:
    """What goes into the .mo: translated, not fuzzy, said once, with the placeholders of its original."""
    messages: dict[str, str] = {}
    for entry in entries:
        if not {"msgid", "msgstr"} <= {name.split("[")[0] for name in entry.texts}:
            raise BadCatalogue(f"{path}:{entry.line}: found {', '.join(entry.texts)}, expected msgid and msgstr")
        if entry.fuzzy or not entry.translation.strip("\0"):
            continue
        if messages.setdefault(entry.key, entry.translation) != entry.translation:
            raise BadCatalogue(f"{path}:{entry.line}: {entry.texts['msgid']!r} is translated twice, in two ways")
        wanted, given = (set(PLACEHOLDER.findall(text)) for text in (entry.key, entry.translation))
        if entry.key and wanted != given:
            raise BadCatalogue(f"{path}:{entry.line}: found placeholders {sorted(given)}, expected {sorted(wanted)}")
    return messages


def write(path: Path, messages: dict[str, str]) -> None:
    """The binary form that Python's gettext reads: sorted originals, their translations, and where each one lies."""
    pairs = [(key.encode() + b"\0", text.encode() + b"\0") for key, text in sorted(messages.items())]
    start = 28 + 16 * len(pairs)
    tables: list[bytes] = []
    blobs = b""
    for texts in ([key for key, _ in pairs], [text for _, text in pairs]):
        for text in texts:
            tables.append(struct.pack("<II", len(text) - 1, start + len(blobs)))
            blobs += text
    head = struct.pack("<7I", MAGIC, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    path.write_bytes(head + b"".join(tables) + blobs)


def main() -> int:
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        try:
            messages = checked(path, read(path))
        except BadCatalogue as bad:
            sys.stderr.write(f"{bad}\n")
            return 1
        write(path.with_suffix(".mo"), messages)
        sys.stdout.write(f"Translations: {path.parent.parent.name}, {len(messages) - 1} texts\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
