"""A data list (数据清单): what one department delivers, column by column."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Self

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan.kit.errors import BadInput
from qingyuan_science.plugins import Text

MOST_COLUMNS = 80
LONGEST_CODE = 40
TAKEN = "in_month"  # by the files of lists in bulk
_CODE = re.compile(r"[a-z][a-z0-9_]*")
DAY = 24 * 60


class About(models.TextChoices):
    """What a record of a list is about."""

    ENTERPRISE = "enterprise", gettext_lazy("Enterprise")
    VEHICLE = "vehicle", gettext_lazy("Motor vehicle")
    MACHINE = "machine", gettext_lazy("Non-road machine")
    PROJECT = "project", gettext_lazy("Project")
    OTHER = "other", gettext_lazy("Other things")


class Kind(models.TextChoices):
    """What the cells of a column hold."""

    TEXT = "text", gettext_lazy("Text")
    CODE = "code", gettext_lazy("Code")
    NUMBER = "number", gettext_lazy("Number")
    DATE = "date", gettext_lazy("Date")
    MONTH = "month", gettext_lazy("Month")
    YEAR = "year", gettext_lazy("Year")
    MOMENT = "moment", gettext_lazy("Date and time")


class Every(models.TextChoices):
    """How often a list is expected."""

    DAY = "day", gettext_lazy("Daily")
    WEEK = "week", gettext_lazy("Weekly")
    MONTH = "month", gettext_lazy("Monthly")
    QUARTER = "quarter", gettext_lazy("Quarterly")
    YEAR = "year", gettext_lazy("Yearly")
    NEVER = "", gettext_lazy("At no fixed pace")


MINUTES = {Every.DAY: DAY, Every.WEEK: 7 * DAY, Every.MONTH: 31 * DAY, Every.QUARTER: 92 * DAY, Every.YEAR: 366 * DAY}
"""After how long without a delivery a list is silent. [min]"""

FIRM_PARTS = ("code", "permit", "name", "address", "person", "phone")
"""By what a record may name an enterprise; `person` is who answers for it, its legal representative."""

PLACE_PARTS = ("industry", "lon", "lat")
"""What a record says of an enterprise by columns of these very codes; a position only beside an address, for that of a
building site says nothing of its builder."""


@dataclass(frozen=True)
class Column:
    """One column: its code, its titles, and the titles under which files have it beside these.

    A `personal` column is shown masked but to those who may see persons' data; a `required` one may not be empty.
    """

    code: str
    zh: str
    en: str
    kind: str = Kind.TEXT
    unit: str = ""
    names: tuple[str, ...] = ()
    personal: bool = False
    required: bool = False

    @property
    def title(self) -> Text:
        return Text(self.zh, self.en)

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Self:
        """A column as a row or the catalogue keeps it."""
        known = {one.name for one in fields(cls)}
        return cls(
            **{key: value for key, value in given.items() if key in known} | {"names": tuple(given.get("names", ()))}
        )

    def as_json(self) -> dict[str, Any]:
        """The column as a row keeps it."""
        return {one.name: getattr(self, one.name) for one in fields(self)} | {"names": list(self.names)}


@dataclass(frozen=True)
class ListDefinition:
    """What the records of a list are made of.

    `key` are the columns that make a record the same one again, `otherwise` those that do so for a row in which one of
    the key is empty: the first of them has to be there, others may be empty too. `since` and `until` are those that say
    for which time it holds (a month or a year says both); `firm` which columns name an enterprise, by `FIRM_PARTS`;
    `counted` by which one or two columns its statistics begin. The rows of a `journal` are facts of an instant or a
    period, delivered in bulk; they are kept in the lake.
    """

    columns: tuple[Column, ...]
    key: tuple[str, ...]
    since: str = ""
    until: str = ""
    firm: Mapping[str, str] = field(default_factory=dict)
    counted: tuple[str, ...] = ()
    journal: bool = False
    otherwise: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Self:
        """A definition as a row or the catalogue keeps it."""
        columns = tuple(Column.from_json(one) for one in given["columns"])
        return cls(
            columns, tuple(given["key"]), given.get("since", ""), given.get("until", ""), dict(given.get("firm", {})),
            tuple(given.get("counted", ())), bool(given.get("journal", False)), tuple(given.get("otherwise", ())),
        )  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """The definition as a row keeps it."""
        return {
            "columns": [one.as_json() for one in self.columns], "key": list(self.key), "since": self.since,
            "until": self.until, "firm": dict(self.firm), "counted": list(self.counted), "journal": self.journal,
            "otherwise": list(self.otherwise),
        }  # fmt: skip

    @property
    def told_by(self) -> dict[str, str]:
        """Which column says what of an enterprise, by `FIRM_PARTS` and `PLACE_PARTS`."""
        return {part: code for part, code in self.firm.items() if code} | {
            part: part
            for part in PLACE_PARTS
            if part in self.places and (self.firm.get("address") or (part == "industry" and self.firm))
        }

    @property
    def places(self) -> dict[str, int]:
        """At which place of a record's values each column stands."""
        return {one.code: place for place, one in enumerate(self.columns)}

    @property
    def needed(self) -> frozenset[str]:
        """Columns without which nothing of a file can be told; of a key that others stand in for, what is in both."""
        key = set(self.key) & set(self.otherwise) | set(self.otherwise[:1]) if self.otherwise else set(self.key)
        return frozenset(key | {one.code for one in self.columns if one.required})

    def column(self, code: str) -> Column:
        """The column of a code.

        Raises
        ------
        BadInput
            There is none; says which there are.
        """
        for one in self.columns:
            if one.code == code:
                return one
        raise BadInput(_("Found column %(code)s, expected one of: %(known)s.") % {
            "code": code, "known": ", ".join(self.places)}, "columns")  # fmt: skip

    def checked(self) -> Self:
        """The same, if it can be used.

        Raises
        ------
        BadInput
            A code is wrong or there twice, a title is missing, or what is named is no column or of another kind.
        """
        if not 0 < len(self.columns) <= MOST_COLUMNS:
            found = {"found": len(self.columns), "most": MOST_COLUMNS}
            raise BadInput(_("Found %(found)d columns, expected 1 to %(most)d.") % found, "columns")
        for one in self.columns:
            _check_column(one)
        if len(self.places) < len(self.columns):
            raise BadInput(_("A column code is there twice, expected each once."), "columns")
        if not self.key:
            raise BadInput(_("Say which columns make a record the same one again."), "key")
        for code in (
            *self.key,
            *self.otherwise,
            *self.counted,
            *filter(None, (self.since, self.until, *self.firm.values())),
        ):
            self.column(code)
        for code, name in ((self.since, "since"), (self.until, "until")):
            if code and self.column(code).kind not in (Kind.DATE, Kind.MONTH, Kind.YEAR, Kind.MOMENT):
                raise BadInput(_("Column %(code)s is no date, month or year.") % {"code": code}, name)
        self._check_journal()
        unknown = sorted(set(self.firm) - set(FIRM_PARTS))
        if unknown:
            raise BadInput(f"found firm {', '.join(unknown)}, expected some of {', '.join(FIRM_PARTS)}", "firm")
        return self

    def _check_journal(self) -> None:
        if self.journal and self.otherwise:
            raise BadInput(_("A list in bulk has one key: leave out the columns that stand in for it."), "otherwise")
        if self.journal and self.since not in self.key:
            raise BadInput(
                _("A list in bulk needs a column that says when each row is of, and that column in its key."), "since"
            )
        if self.journal and self.until:
            raise BadInput(_("A row of a list in bulk is of one instant or period: leave out the column of the end."),
                           "until")  # fmt: skip

    def continues(self, before: "ListDefinition", *, is_new: bool = False) -> None:
        """Hold that records kept under an earlier edition stay readable under this one; of a new list there are none.

        Raises
        ------
        BadInput
            A column of then is gone, stands elsewhere, or is of another kind; or the key is another one.
        """
        for place, old in enumerate(before.columns):
            new = self.columns[place] if place < len(self.columns) else None
            if new is None or (new.code, new.kind) != (old.code, old.kind):
                raise BadInput(
                    _("Column %(place)d was %(code)s (%(kind)s): columns keep place and kind, new ones come behind.")
                    % {"place": place + 1, "code": old.code, "kind": old.kind}, "columns"
                )  # fmt: skip
        if self.journal != before.journal and not is_new:
            raise BadInput(_("Whether a list comes in bulk is fixed once its first file was entered."), "journal")
        if self.journal and before.journal and self.since != before.since:
            raise BadInput(_("A list in bulk keeps the column that says when its rows are of."), "since")
        if self.key != before.key:
            said = {"found": ", ".join(self.key), "expected": ", ".join(before.key)}
            raise BadInput(_("Found key %(found)s, expected %(expected)s: a list keeps its key.") % said, "key")
        if before.otherwise and self.otherwise != before.otherwise:
            said = {"found": ", ".join(self.otherwise), "expected": ", ".join(before.otherwise)}
            raise BadInput(
                _("Found %(found)s in place of an empty key, expected %(expected)s: a list keeps them.") % said,
                "otherwise",
            )


def _check_column(one: Column) -> None:
    if not _CODE.fullmatch(one.code) or len(one.code) > LONGEST_CODE or one.code == TAKEN:
        raise BadInput(
            _("Found column code %(code)s, expected small letters, digits and _.") % {"code": one.code}, "columns"
        )
    if not one.zh.strip() or not one.en.strip():
        raise BadInput(_("Column %(code)s has no title.") % {"code": one.code}, "columns")
    if one.kind not in Kind.values:
        raise BadInput(
            f"found kind {one.kind!r} of column {one.code}, expected one of: {', '.join(Kind.values)}", "columns"
        )


def personal_places(definition: ListDefinition) -> frozenset[int]:
    """At which places of a record's values persons' data stand."""
    return frozenset(place for place, one in enumerate(definition.columns) if one.personal)


def by_titles(definition: ListDefinition, titles: Sequence[str], said: Mapping[str, str]) -> dict[str, int]:
    """In which column of a file each column of a list stands: as somebody said, else by its titles and names."""
    at = {_plain(title): place for place, title in reversed(list(enumerate(titles)))}
    found = {}
    for one in definition.columns:
        names = [said[one.code]] if said.get(one.code) else [one.zh, *one.names, one.en, one.code]
        place = next((at[_plain(name)] for name in names if _plain(name) in at), None)
        if place is not None and said.get(one.code) != LEFT_OUT:
            found[one.code] = place
    return found


LEFT_OUT = "-"
"""In place of a title: the file has no such column, whatever its titles look like."""

_BRACKETS = re.compile(r"[\((\[【].*?[\))\]】]")


def _plain(title: str) -> str:
    return "".join(_BRACKETS.sub("", title).split()).replace("*", "").casefold()
