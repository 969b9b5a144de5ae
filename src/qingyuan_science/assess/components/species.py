"""Which species belong together."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from qingyuan_science.plugins import Text
from qingyuan_science.standards.sourced import tables_of

TABLE: Final = "air/components"


@dataclass(frozen=True)
class Group:
    """Species that are summed.

    Parameters
    ----------
    code : str
    family : str
        ``voc`` for volatile organic compounds, ``pm`` for components of PM2.5.
    title : Text
    species : tuple of str
        Codes of the factor table.
    """

    code: str
    family: str
    title: Text
    species: tuple[str, ...]


GROUPS: Final = tuple(
    Group(row["code"], row["family"], Text(*row["name"]), tuple(row["species"]))
    for table in tables_of(TABLE, "groups")
    for row in table.rows
)
"""Every group, in the order in which people read them."""

_BY_SPECIES: Final = {code: group for group in GROUPS for code in group.species}


def group_of(species: str) -> Group | None:
    """Tell to which group a species belongs.

    Parameters
    ----------
    species : str
        Code of the factor table.

    Returns
    -------
    Group or None
        None for what is no component: a total, a gas, the weather.

    Source
    ------
    Chemistry; which groups are kept apart is this platform's own choice.

    Examples
    --------
    >>> group_of("a25003").title.en, group_of("a34004")
    ('aromatics', None)
    """
    return _BY_SPECIES.get(species)


def sums_left_out(measured: Collection[str]) -> frozenset[str]:
    """Tell which of the measured codes stand for others that are measured too, and must not count twice.

    Parameters
    ----------
    measured : collection of str
        Codes of the factor table.

    Returns
    -------
    frozenset of str

    Source
    ------
    HJ 212-2017, table B.2: ``a25005`` is xylene, ``a25006`` to ``a25008`` its isomers.

    Examples
    --------
    >>> sorted(sums_left_out({"a25005", "a25006"})), sorted(sums_left_out({"a25005"}))
    (['a25005'], [])
    """
    return frozenset(
        row["code"]
        for table in tables_of(TABLE, "sums")
        for row in table.rows
        if row["code"] in measured and not set(row["parts"]).isdisjoint(measured)
    )
