"""The types of pollution and the rules that tell them, as the table states them."""

from dataclasses import dataclass

from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.sourced import SourcedTable, tables_of

_TABLE = "pollution/types"
SURFACE, OUTLET = "surface-water", "outlet-water"


class UnknownType(LookupError):
    """A code names no type of pollution."""


@dataclass(frozen=True)
class PollutionType:
    """A type of pollution.

    Parameters
    ----------
    code : str
    title : Text
        What people call it.
    prior : dict of str to float
        How likely it is before anything is seen, by kind of station [1].
    check : Text
        What to look at on site.
    """

    code: str
    title: Text
    prior: dict[str, float]
    check: Text


@dataclass(frozen=True)
class Rule:
    """A sign and how likely each of its states is under each type.

    Parameters
    ----------
    code : str
    title : Text
    states : dict of str to Text
        What the states are called, in the order of the table.
    chances : dict of str to tuple of float
        By state, its chance under each type, in the order of `TYPES` [1].
    source : Source
        Where the direction or the band of the sign is published, and how far that was read.
    """

    code: str
    title: Text
    states: dict[str, Text]
    chances: dict[str, tuple[float, ...]]
    source: Source


@dataclass(frozen=True)
class Bands:
    """Where one state of a sign ends and the next begins.

    Parameters
    ----------
    scatters : float
        A factor moved when it left its usual value by more than so many usual scatters [1] ...
    share : float
        ... and by more than this share of that value [1].
    far : float
        Conductivity rose far when it reached so many times its usual value [1] ...
    benchmark : float
        ... or this benchmark of industrial discharges [µS/cm].
    acid, alkaline, shift : float
        Ends of the ordinary span of pH, and the least move that counts [1].
    nh3_cod, nh3_tp : tuple of float
        Between which ratios of rises lies domestic sewage [1].
    light_rain, moderate_rain : float
        Rain of 24 hours from which it counts as light and as moderate [mm].
    """

    scatters: float
    share: float
    far: float
    benchmark: float
    acid: float
    alkaline: float
    shift: float
    nh3_cod: tuple[float, float]
    nh3_tp: tuple[float, float]
    light_rain: float
    moderate_rain: float


@dataclass(frozen=True)
class Weighing:
    """How signs add up to a verdict, and what it takes to name a type.

    Parameters
    ----------
    worth : float
        How many settled cases of a type the first estimate of a rule is worth [1].
    type_worth : float
        How many settled cases the first estimate of how common the types are is worth [1].
    tempered : float
        Share of each log-likelihood that counts, since signs tell partly the same [1].
    least_probability, least_lead, least_strength : float
        Lowest probability, lead over the next type, and share of the signs that must be known [1].
    misfit : float
        Standard deviations by which the signs may be less likely than usual under the leading type [1].
    """

    worth: float
    type_worth: float
    tempered: float
    least_probability: float
    least_lead: float
    least_strength: float
    misfit: float


def _types() -> tuple[PollutionType, ...]:
    return tuple(
        PollutionType(
            row["code"], Text(*row["name"]), {SURFACE: float(row["surface"]), OUTLET: float(row["outlet"])},
            Text(*row["check"]),
        )
        for row in tables_of(_TABLE, "types")[0].rows
    )  # fmt: skip


def _rule(table: SourcedTable) -> Rule:
    return Rule(
        code=table.more["code"],
        title=Text(*table.more["asks"]),
        states={row["state"]: Text(*row["words"]) for row in table.rows},
        chances={row["state"]: tuple(float(chance) for chance in row["chances"]) for row in table.rows},
        source=table.source,
    )


def _bands() -> Bands:
    first, second = tables_of(_TABLE, "bands")[0].rows
    pairs = {name: (float(second[name][0]), float(second[name][1])) for name in ("nh3_cod", "nh3_tp")}
    single = {name: float(value) for name, value in {**first, **second}.items() if name not in pairs}
    return Bands(**single, **pairs)  # type: ignore[arg-type]


def _weighing() -> Weighing:
    row = tables_of(_TABLE, "weighing")[0].rows[0]
    worth = tables_of(_TABLE, "types")[0].more["worth"]
    return Weighing(type_worth=float(worth), **{name: float(value) for name, value in row.items()})


TYPES: tuple[PollutionType, ...] = _types()
RULES: dict[str, Rule] = {rule.code: rule for rule in map(_rule, tables_of(_TABLE, "rule"))}
BANDS: Bands = _bands()
WEIGHING: Weighing = _weighing()
FIRST_ESTIMATE: Source = tables_of(_TABLE, "weighing")[0].source


def pollution_type(code: str) -> PollutionType:
    """Return the type with a code.

    Parameters
    ----------
    code : str

    Returns
    -------
    PollutionType

    Raises
    ------
    UnknownType
        There is none; the message lists those that exist.

    Examples
    --------
    >>> pollution_type("runoff").title.en
    'rain-washed runoff'
    """
    for one in TYPES:
        if one.code == code:
            return one
    raise UnknownType(f"found type {code!r}, expected one of: {', '.join(one.code for one in TYPES)}")
