"""Records of enterprises, read from a table and made ready for comparison."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.linking.addresses import Address, address_of
from qingyuan_science.linking.identity import Identities, identities
from qingyuan_science.linking.names import EnterpriseName, Gazetteer, folded, taken_apart

COLUMNS: Final = ("name", "code", "permit", "address", "lon", "lat", "industry", "person", "phone", "list")
_PHONE = 7  # last digits that are compared; area codes and country codes before them are written now so, now not
_LONGEST = 16  # letters of a trade name with its words of business that are compared

Table = Mapping[str, Sequence[Any]]


class LinkingError(ValueError):
    """Anything wrong with tables that are to be linked."""


class MissingColumn(LinkingError):
    """A table has no column of that name, or its columns differ in length."""


class RepeatedId(LinkingError):
    """Two rows of a table carry one id."""


class UnknownId(LinkingError):
    """A decision or a question names an id that no row carries."""


@dataclass(frozen=True)
class Texts:
    """A column of n texts as numbers.

    Parameters
    ----------
    of : int32 array, shape (n,)
        Which text each row has; -1 for none.
    words : tuple of str
        The texts, in order.
    count : int64 array, shape (len(words),)
        How many rows have each. [1]
    """

    of: NDArray[np.int32]
    words: tuple[str, ...]
    count: NDArray[np.int64]


def texts(values: Sequence[str]) -> Texts:
    """Number the texts of a column; the empty one counts as missing.

    Parameters
    ----------
    values : sequence of str

    Returns
    -------
    Texts
    """
    words = tuple(sorted(set(values) - {""}))
    number = {word: at for at, word in enumerate(words)} | {"": -1}
    of = np.fromiter((number[value] for value in values), dtype=np.int32, count=len(values))
    return Texts(of, words, np.bincount(of[of >= 0], minlength=len(words)).astype(np.int64))


class Records:
    """Records made ready for comparison, in the order of their ids, so that nothing hangs on the order of a table.

    Parameters
    ----------
    tables : sequence of mapping
        Each with the column ``id`` and any of ``name``, ``code``, ``permit``, ``address``, ``lon``, ``lat``,
        ``industry``, ``person``, ``phone`` and ``list``; a missing value is None, an empty text or NaN. Longitude and
        latitude in WGS-84. [degree]

    Raises
    ------
    MissingColumn
        There is no column ``id``, or a column is shorter or longer than it.
    RepeatedId
        Two rows carry one id.
    """

    def __init__(self, tables: Sequence[Table]) -> None:
        columns: dict[str, list[Any]] = {name: [] for name in ("id", *COLUMNS)}
        for table in tables:
            _take(table, columns)
        ids = [str(one) for one in columns["id"]]
        if len(set(ids)) != len(ids):
            twice = next(one for one in ids if ids.count(one) > 1)
            raise RepeatedId(f"found the id {twice!r} twice, expected every row to carry its own")
        order = sorted(range(len(ids)), key=ids.__getitem__)
        self.ids = [ids[at] for at in order]
        self.row_of = {one: at for at, one in enumerate(self.ids)}
        self._columns = {name: [values[at] for at in order] for name, values in columns.items()}
        self.lon, self.lat = (_numbers(self._columns[name]) for name in ("lon", "lat"))
        self.industry_code, self.lists = (
            texts([_text(one) for one in self._columns[name]]) for name in ("industry", "list")
        )

    def __len__(self) -> int:
        return len(self.ids)

    def said(self, column: str, row: int) -> str:
        """What a row says in a column, as text."""
        return _text(self._columns[column][row])

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """Divisions that the addresses name."""
        return Gazetteer(folded(_text(one)) for one in self._columns["address"])

    @cached_property
    def names(self) -> list[EnterpriseName]:
        """The names taken apart."""
        written = [_text(one) for one in self._columns["name"]]
        apart = {name: taken_apart(name, self.gazetteer) for name in set(written)}
        return [apart[name] for name in written]

    @cached_property
    def addresses(self) -> list[Address]:
        """The addresses taken apart."""
        written = [_text(one) for one in self._columns["address"]]
        apart = {text: address_of(text, self.gazetteer.names) for text in set(written)}
        return [apart[text] for text in written]

    @cached_property
    def identity(self) -> Identities:
        """Codes and permits."""
        return identities(*([_text(one) for one in self._columns[name]] for name in ("code", "permit")))

    @cached_property
    def codes(self) -> Texts:
        """Codes as written, valid or not."""
        return texts(self.identity.written)

    @cached_property
    def organisations(self) -> Texts:
        """Organisation codes of valid codes."""
        return texts(self.identity.organisation)

    @cached_property
    def bodies(self) -> Texts:
        """Trade names with their words of business."""
        return texts([name.core + name.business for name in self.names])

    @cached_property
    def cores(self) -> Texts:
        """Trade names."""
        return texts([name.core for name in self.names])

    @cached_property
    def business(self) -> Texts:
        """Words of business."""
        return texts([name.business for name in self.names])

    @cached_property
    def forms(self) -> Texts:
        """Forms of organisation, alike however they are written."""
        return texts([name.form for name in self.names])

    @cached_property
    def endings(self) -> Texts:
        """Forms of organisation as written."""
        return texts([name.ending for name in self.names])

    @cached_property
    def branches(self) -> Texts:
        """What says that a branch is meant."""
        return texts([name.branch for name in self.names])

    @cached_property
    def regions(self) -> Texts:
        """Divisions in names, from above to below."""
        return texts(["/".join(name.regions) for name in self.names])

    @cached_property
    def divisions(self) -> Texts:
        """Divisions in addresses, from above to below."""
        return texts(["/".join(one.divisions) for one in self.addresses])

    @cached_property
    def counties(self) -> Texts:
        """The lowest division of each address."""
        return texts([one.divisions[-1] if one.divisions else "" for one in self.addresses])

    @cached_property
    def towns(self) -> Texts:
        """Towns of addresses."""
        return texts([one.town for one in self.addresses])

    @cached_property
    def roads(self) -> Texts:
        """Roads, villages and parks of addresses."""
        return texts([one.road for one in self.addresses])

    @cached_property
    def numbers(self) -> Texts:
        """House numbers of addresses."""
        return texts([one.number for one in self.addresses])

    @cached_property
    def persons(self) -> Texts:
        """Legal representatives."""
        return texts([folded(_text(one)) for one in self._columns["person"]])

    @cached_property
    def phones(self) -> Texts:
        """Telephone numbers, by their last digits."""
        return texts([_last_digits(_text(one)) for one in self._columns["phone"]])

    @cached_property
    def body_letters(self) -> NDArray[np.int32]:
        """Letters of the texts in `bodies`, shape (texts, 16); 0 behind the end."""
        return letters_of(self.bodies.words, _LONGEST)

    @cached_property
    def core_letters(self) -> NDArray[np.int32]:
        """Letters of the texts in `cores`, shape (texts, 16); 0 behind the end."""
        return letters_of(self.cores.words, _LONGEST)


def letters_of(words: Sequence[str], longest: int) -> NDArray[np.int32]:
    """Texts as rows of letters.

    Parameters
    ----------
    words : sequence of str
    longest : int
        What comes behind so many letters is cut off. [1]

    Returns
    -------
    int32 array, shape (len(words), longest)
        Code points, 0 behind the end.
    """
    found = np.zeros((len(words), longest), dtype=np.int32)
    for row, word in enumerate(words):
        for at, letter in enumerate(word[:longest]):
            found[row, at] = ord(letter)
    return found


def _take(table: Table, columns: dict[str, list[Any]]) -> None:
    if "id" not in table:
        raise MissingColumn(f"found the columns {', '.join(table) or 'none'}, expected one named id")
    rows = len(table["id"])
    for name, values in columns.items():
        given = table.get(name)
        if given is not None and len(given) != rows:
            raise MissingColumn(f"column {name}: found {len(given)} values, expected {rows} as in the column id")
        values.extend([None] * rows if given is None else given)


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value).strip()


def _last_digits(text: str) -> str:
    digits = "".join(letter for letter in text if "0" <= letter <= "9")
    return digits[-_PHONE:] if len(digits) >= _PHONE else ""


def _numbers(values: Sequence[Any]) -> NDArray[np.float64]:
    return np.array([float(one) if _text(one) else np.nan for one in values], dtype=np.float64)
