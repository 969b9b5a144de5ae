"""Writing down what enterprises disclose about a year (doors in `places.api`)."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput
from qingyuan.kit.log import Origin
from qingyuan.places.logic.papers import enter_edition
from qingyuan.places.logic.stated import OwnPenalty, OwnTotal, check_once, check_total, permit_number
from qingyuan.places.models import DisclosedAmount, DisclosedPenalty, Disclosure, Enterprise


@transaction.atomic
def enter_disclosure(
    enterprise: Enterprise,
    *,
    year: int,
    published_on: date | None = None,
    number: str = "",
    facilities: str = "",
    amounts: Iterable[OwnTotal] = (),
    penalties: Iterable[OwnPenalty] = (),
    replaces: Disclosure | None = None,
    why: str = "",
    origin: Origin = log.PLATFORM,
) -> Disclosure:
    """Enter what an enterprise disclosed about a calendar year.

    Parameters
    ----------
    enterprise : Enterprise
    year : int
        The calendar year that it is about.
    published_on : date, optional
        The day on which it was disclosed.
    number : str
        The permit as declared; may be empty.
    facilities : str
        The treatment facilities as declared.
    amounts : iterable of OwnTotal
        What it says was emitted in the year. [kg]
    penalties : iterable of OwnPenalty
    replaces : Disclosure, optional
        The edition that this one corrects.
    why : str
    origin : Origin

    Returns
    -------
    Disclosure

    Raises
    ------
    BadInput
        The year is not begun, the number is no permit's of the enterprise, an amount is of another enterprise's outlet
        or of an unknown factor, or something is stated twice.
    Refused
        The year has a disclosure already, or the one to correct is no longer current.

    Source
    ------
    MEE Order 24 (2021), article 12: what a yearly disclosure holds.
    """
    this_year = clock.now().astimezone(clock.SHANGHAI).year
    if not clock.FIRST_DAY.year <= year <= this_year:
        words = {"found": year, "first": clock.FIRST_DAY.year, "last": this_year}
        raise BadInput(_("Found year %(found)d, expected %(first)d to %(last)d") % words, "year")
    if published_on is not None:
        clock.check_day(published_on, "published_on")
    if replaces is not None and replaces.year != year:
        raise BadInput(_("A disclosure keeps its year: take it back, and enter another"), "year")
    amounts, penalties = list(amounts), list(penalties)
    for amount in amounts:
        check_total(amount, enterprise, nought=True)
    check_once([(one.station and one.station.pk, one.factor) for one in amounts], "amounts")
    check_once([one.number for one in penalties], "penalties")
    row = Disclosure(
        enterprise=enterprise, year=year, published_on=published_on, facilities=facilities.strip(),
        permit_number=permit_number(number, enterprise) if number.strip() else "",
        valid=DateRange(date(year, 1, 1), date(year + 1, 1, 1)),
    )  # fmt: skip
    parts = [
        *(DisclosedAmount(disclosure=row, **vars(one)) for one in amounts),
        *(DisclosedPenalty(disclosure=row, **vars(one)) for one in penalties),
    ]
    return enter_edition(row, parts, replaces, why=why, origin=origin)
