"""Setting the rules for what satellites see, and the places that are excluded."""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from qingyuan.judging.events import ExcludedPlaceSet, SpotRuleEnded, SpotRuleSet
from qingyuan.judging.models import ExcludedPlace, SpotRule
from qingyuan.kit import log
from qingyuan.kit.errors import BadInput
from qingyuan.kit.log import Origin


@transaction.atomic
def set_spot_rule(*, valid_from: date, origin: Origin = log.PLATFORM, **values: Any) -> SpotRule:
    """Say how spots of a kind are joined and from how sure on they become clues.

    Parameters
    ----------
    valid_from : date
        The first day of the observations that it judges.
    origin : Origin
    **values
        Fields of `SpotRule`; titles and reasons cannot be left out. near_m [m], within_hours [h].

    Returns
    -------
    SpotRule

    Raises
    ------
    BadInput
        A field is missing or wrong.
    """
    row = SpotRule(valid=DateRange(valid_from, None), **values)
    _checked(row)
    row.save()
    log.write(SpotRuleSet(id=row.pk, values=values | {"valid_from": valid_from.isoformat()}), origin, row.reason_zh)
    return row


@transaction.atomic
def set_excluded_place(*, valid_from: date, origin: Origin = log.PLATFORM, **values: Any) -> ExcludedPlace:
    """Say where spots are no clue: around a point, an enterprise, or every enterprise of an industry.

    Parameters
    ----------
    valid_from : date
        The first day of the observations that it excludes.
    origin : Origin
    **values
        Fields of `ExcludedPlace`; titles, within_m [m] and reasons cannot be left out, and one of enterprise,
        industry, or lon with lat [degree, WGS-84].

    Returns
    -------
    ExcludedPlace

    Raises
    ------
    BadInput
        A field is missing or wrong, or no place is named.
    """
    row = ExcludedPlace(valid=DateRange(valid_from, None), **values)
    if row.enterprise is None and not row.industry and (row.lon is None or row.lat is None):
        raise BadInput(_("Name the place: an enterprise, an industry, or longitude and latitude."), "enterprise")
    _checked(row)
    row.save()
    told = {name: getattr(value, "code", value) for name, value in values.items()}
    log.write(ExcludedPlaceSet(id=row.pk, values=told | {"valid_from": valid_from.isoformat()}), origin, row.reason_zh)
    return row


@transaction.atomic
def end_spot_rule(row: SpotRule | ExcludedPlace, last_day: date, origin: Origin) -> None:
    """Let a rule, or an excluded place, hold no longer than to a day; what was decided by it stays.

    Parameters
    ----------
    row : SpotRule or ExcludedPlace
    last_day : date
    origin : Origin
    """
    row.valid = DateRange(row.valid.lower, max(last_day + timedelta(days=1), row.valid.lower))
    row.save(update_fields=["valid"])
    kind = "rule" if isinstance(row, SpotRule) else "place"
    log.write(SpotRuleEnded(id=row.pk, what=kind, last_day=last_day.isoformat()), origin)


def _checked(row: SpotRule | ExcludedPlace) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise BadInput(" ".join(messages), field) from error
