"""A form for the question of any calculation, made from its fields; tables are written as CSV or JSON."""

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from qingyuan.showing.wording import said
from qingyuan_science.calc import BadQuestion, Field, Topic
from qingyuan_science.calc.topic import Asked
from qingyuan_science.calc.words import word_for
from qingyuan_science.plugins import folded

NOTHING = {"", "-", "—", "null", "nan", "na"}
YES, NO = {"true", "yes", "1", "是"}, {"false", "no", "0", "否"}
ROWS = {Asked.NUMBERS: 6, Asked.SERIES: 3, Asked.TABLE: 8}
_BETWEEN = "[,\uff0c;\uff1b]"  # as typed on either keyboard
LONGEST = 2_000_000  # characters of one table, some 30,000 rows


class QuestionForm(forms.Form):
    """The fields of a topic; `question` is what the topic is asked, as JSON holds it."""

    def __init__(self, topic: type[Topic], *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        self.asked = topic.fields
        for field in topic.fields:
            self.fields[field.name] = MAKERS[field.holds](field, _labels(field))

    @property
    def question(self) -> dict[str, Any]:
        """The question, without what was left empty."""
        found = {}
        for field in self.asked:
            value = self.cleaned_data.get(field.name)
            if value is None or (value == "" and field.holds is not Asked.TEXT):
                continue
            found[field.name] = value.isoformat() if hasattr(value, "isoformat") else value
        return found

    def refuse(self, error: BadQuestion) -> None:
        """Show at its field what a topic could not answer."""
        name = re.split(r"[.\[]", error.field)[0]
        self.add_error(name if name in self.fields else None, str(error))


class Written(forms.CharField):
    """A field of several values, written as text and read by one of the readers below."""

    def __init__(self, field: Field, reads: Callable[[str, Field], Any], **named: Any) -> None:
        super().__init__(
            widget=forms.Textarea(attrs={"spellcheck": "false", "rows": ROWS[field.holds]}), max_length=LONGEST, **named
        )
        self.field, self.reads = field, reads

    def clean(self, value: Any) -> Any:
        """The values as JSON holds them; None where nothing was written."""
        text = super().clean(value)
        if not text.strip():
            return None
        try:
            return self.reads(text.strip(), self.field)
        except (ValueError, csv.Error) as error:
            raise forms.ValidationError(str(error)) from error


def _labels(field: Field) -> dict[str, Any]:
    label = f"{said(field.title)} [{field.unit}]" if field.unit not in ("", "1") else said(field.title)
    return {"label": label, "required": field.default is ..., "help_text": _help(field)}


def _help(field: Field) -> str:
    if field.hint is not None:
        return said(field.hint)
    if field.holds is Asked.NUMBERS:
        names = ", ".join(field.choices[:30]) + (" …" if len(field.choices) > 30 else "")
        how = _("One line each: name, value. Or a JSON object.")
        return f"{how} {_('Names: %(names)s') % {'names': names}}" if names else how
    if field.holds is Asked.SERIES:
        return _("Numbers with commas or on lines of their own; nothing between two commas where one is missing.")
    if field.holds is Asked.TABLE:
        columns = ", ".join(column.name for column in field.columns)
        how = _("CSV with a head line, pasted from a spreadsheet too; or a JSON list.")
        return f"{how} {_('Columns: %(names)s') % {'names': columns}}"
    return ""


def numbers_in(text: str, field: Field) -> dict[str, float | None]:
    """Numbers by name from lines such as `NH3-N, 1.3`, or from a JSON object."""
    if text.startswith("{"):
        found: dict[str, float | None] = _json(text)
        return found
    values: dict[str, float | None] = {}
    for line in filter(None, (one.strip() for one in text.splitlines())):
        parts = re.split(r"\s*[,\uff0c\t;\uff1b:\uff1a=]\s*|\s+(?=\S+$)", line, maxsplit=1)
        name = parts[0].strip('"')
        if len(parts) == 1:
            raise ValueError(_("“%(line)s”: expected a name and a value") % {"line": line})
        if name in values:
            raise ValueError(_("“%(line)s”: the name stands there twice") % {"line": line})
        values[name] = _number(parts[1], line)
    return values


def series_in(text: str, field: Field) -> list[float | None]:
    """A list of numbers from text with commas, blanks or lines, or from a JSON list."""
    if text.startswith("["):
        found: list[float | None] = _json(text)
        return found
    lines = text.replace("\r\n", "\n")
    if re.search(_BETWEEN, lines):
        joined = re.sub(rf"{_BETWEEN}[ \t]*\n|\n", ",", lines)
        divided = re.split(_BETWEEN, joined)
    else:
        divided = lines.split("\n") if "\n" in lines else re.split("\t| +", lines)
    return [_number(one.strip(), one) for one in divided]


def table_in(text: str, field: Field) -> list[dict[str, Any]]:
    """A list of objects from CSV whose head line names the columns, or from a JSON list."""
    if text.startswith("["):
        found: list[dict[str, Any]] = _json(text)
        return found
    divider = "\t" if "\t" in text.splitlines()[0] else ","
    lines = [line for line in csv.reader(io.StringIO(text), delimiter=divider) if any(cell.strip() for cell in line)]
    columns = [_column(head.strip(), field.columns) for head in lines[0]]
    return [_row(line, columns, number) for number, line in enumerate(lines[1:], 2)]


def _row(line: Sequence[str], columns: Sequence[Field], number: int) -> dict[str, Any]:
    if len(line) > len(columns):
        found = {"number": number, "found": len(line), "expected": len(columns)}
        raise ValueError(_("Line %(number)d: found %(found)d cells, expected %(expected)d") % found)
    return {
        column.name: _cell(cell.strip(), column, number)
        for column, cell in zip(columns, line, strict=False)
        if cell.strip().lower() not in NOTHING
    }


def _column(head: str, columns: Sequence[Field]) -> Field:
    for column in columns:
        if head == column.name or folded(head) in (folded(column.title.zh), folded(column.title.en)):
            return column
    expected = ", ".join(column.name for column in columns)
    raise ValueError(_("Column “%(head)s”: expected one of %(expected)s") % {"head": head, "expected": expected})


def _cell(text: str, column: Field, number: int) -> Any:
    if column.holds in (Asked.NUMBER, Asked.WHOLE):
        value = _number(text, _("line %(number)d, %(column)s") % {"number": number, "column": column.name})
        return int(value) if column.holds is Asked.WHOLE and value is not None and value.is_integer() else value
    if column.holds is Asked.YES_NO and text.lower() in YES | NO:
        return text.lower() in YES
    return text


def _number(text: str, where: str) -> float | None:
    if text.strip().lower() in NOTHING:
        return None
    try:
        return float(text)
    except ValueError:
        raise ValueError(_("%(where)s: found “%(text)s”, expected a number") % {"where": where, "text": text}) from None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(_("This is no JSON: %(why)s") % {"why": error}) from error
    except RecursionError:
        raise ValueError(_("This is no JSON that can be read: it is nested too deeply")) from None


def as_written(question: Mapping[str, Any], fields: Sequence[Field]) -> dict[str, Any]:
    """A question as the form shows it: a worked example to start from."""
    written = dict(question)
    for field in fields:
        if field.name in question and field.holds in WRITERS:
            written[field.name] = WRITERS[field.holds](question[field.name], field)
    return written


def _write_numbers(value: Mapping[str, Any], field: Field) -> str:
    return "\n".join(f"{name}, {'' if one is None else one}" for name, one in value.items())


def _write_series(value: Sequence[Any], field: Field) -> str:
    return ", ".join("" if one is None else str(one) for one in value)


def _write_table(value: Sequence[Mapping[str, Any]], field: Field) -> str:
    used = [column.name for column in field.columns if any(column.name in row for row in value)]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(used)
    writer.writerows([row.get(name, "") for name in used] for row in value)
    return out.getvalue()


def _write_time(value: str, field: Field) -> str:
    return value[:16]


WRITERS: dict[Asked, Callable[[Any, Field], str]] = {
    Asked.NUMBERS: _write_numbers,
    Asked.SERIES: _write_series,
    Asked.TABLE: _write_table,
    Asked.TIME: _write_time,
}


def _choice(field: Field, labels: dict[str, Any]) -> forms.Field:
    choices = [(one, said(word_for(one))) for one in field.choices]
    initial = None if field.default is ... else field.default
    return forms.ChoiceField(choices=choices, initial=initial, **labels)


def _yes_no(field: Field, labels: dict[str, Any]) -> forms.Field:
    return forms.BooleanField(**{**labels, "required": False}, initial=bool(field.default))


def _date(field: Field, labels: dict[str, Any]) -> forms.Field:
    return forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **labels)


def _time(field: Field, labels: dict[str, Any]) -> forms.Field:
    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
    return forms.DateTimeField(widget=widget, **labels)


def _float(field: Field, labels: dict[str, Any]) -> forms.Field:
    initial = None if field.default is ... else field.default
    return forms.FloatField(widget=forms.NumberInput(attrs={"step": "any"}), initial=initial, **labels)


def _whole(field: Field, labels: dict[str, Any]) -> forms.Field:
    return forms.IntegerField(initial=None if field.default is ... else field.default, **labels)


MAKERS: dict[Asked, Callable[[Field, dict[str, Any]], forms.Field]] = {
    Asked.NUMBER: _float,
    Asked.WHOLE: _whole,
    Asked.TEXT: lambda field, labels: forms.CharField(**labels),
    Asked.CHOICE: _choice,
    Asked.YES_NO: _yes_no,
    Asked.DATE: _date,
    Asked.TIME: _time,
    Asked.NUMBERS: lambda field, labels: Written(field, numbers_in, **labels),
    Asked.SERIES: lambda field, labels: Written(field, series_in, **labels),
    Asked.TABLE: lambda field, labels: Written(field, table_in, **labels),
}
"""A form field for each kind of field that a topic may ask for."""
