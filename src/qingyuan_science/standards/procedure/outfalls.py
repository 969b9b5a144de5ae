"""Classes of river and sea outfalls, and what setting one in a river needs."""

from dataclasses import dataclass

from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.errors import UnknownEntry
from qingyuan_science.standards.sourced import row_source, tables_of

_FILE = "procedure/outfalls"


@dataclass(frozen=True)
class OutfallType:
    """One class.

    Parameters
    ----------
    names : tuple of Text
        Names of the levels, two or three, the widest first.
    procedure : str
        ``approval`` or ``registration``.
    procedure_name : Text
    sources : tuple of Source
        Of the class, and of the procedure.
    """

    names: tuple[Text, ...]
    procedure: str
    procedure_name: Text
    sources: tuple[Source, ...]


def outfall_types() -> tuple[OutfallType, ...]:
    """List the classes in the order printed.

    Returns
    -------
    tuple of OutfallType
    """
    (types,), (procedures,) = tables_of(_FILE, "types"), tables_of(_FILE, "procedures")
    words = {row["procedure"]: Text(*row["name"]) for row in procedures.rows}
    return tuple(
        OutfallType(
            names=tuple(Text(*row[level]) for level in ("first", "second", "third") if level in row),
            procedure=row["procedure"],
            procedure_name=words[row["procedure"]],
            sources=(row_source(types, row), procedures.source),
        )
        for row in types.rows
    )


def outfall_type(name: str) -> OutfallType:
    """Look a class up by its narrowest name.

    Parameters
    ----------
    name : str
        In Chinese or English.

    Returns
    -------
    OutfallType

    Raises
    ------
    UnknownEntry
        There is no such class; says which there are.

    Examples
    --------
    >>> outfall_type("矿山排污口").procedure, outfall_type("城镇雨洪排口").procedure
    ('approval', 'registration')
    """
    for one in outfall_types():
        if name in (one.names[-1].zh, one.names[-1].en):
            return one
    raise UnknownEntry(f"found {name!r}, expected one of: {', '.join(one.names[-1].zh for one in outfall_types())}")
