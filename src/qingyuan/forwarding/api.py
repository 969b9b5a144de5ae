"""Verbs on platforms above: entering them, switching them on and off, sending again what did not arrive."""

import ssl
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from qingyuan.forwarding.events import (
    DestinationDefined,
    MessagesKept,
    OwnMeansSentAgain,
    PacketsHandedOn,
    UndeliveredSentAgain,
)
from qingyuan.forwarding.logic import late, own_means, own_rows, proving
from qingyuan.forwarding.logic.choosing import stations_of
from qingyuan.forwarding.logic.covering import cover_of
from qingyuan.forwarding.logic.keys import check_key, name, see_unchanged
from qingyuan.forwarding.logic.reading import number_before
from qingyuan.forwarding.models import Cipher, Destination, Edition, OwnMean, OwnUndelivered, Run, Sent, Undelivered
from qingyuan.forwarding.queries import Names, read_made_from
from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Refused
from qingyuan.kit.log import Origin
from qingyuan.kit.queries import lines
from qingyuan.places.queries import Station
from qingyuan.sensing.events import FeedReplayed, PacketsReadAgain, QuarantineDecoded
from qingyuan.sensing.queries import Device

WHAT_OF_OWN = {"M": "m", "T": "m", "H": "h", "D": "d"}
_OPEN = {"tls_authority", "key"}  # told by their presence only
_PLAIN = (
    "title_zh", "title_en", "host", "port", "tls", "tls_authority", "edition", "form", "what", "kinds", "levels",
    "cell", "over_time_s", "re_count", "at_once", "per_second", "keep_hours", "lag_minutes", "passes_commands",
    "enabled", "reason", "cipher", "key", "enciphered_in_clear",
    "own_means", "own_wait_minutes", "own_mark", "own_late",
)  # fmt: skip


@transaction.atomic
def define_destination(
    code: str,
    values: Mapping[str, Any],
    *,
    valid_from: date,
    valid_to: date | None = None,
    stations: Iterable[Station] = (),
    identities: Mapping[str, Names] | None = None,
    made_from: str = "",
    origin: Origin = log.PLATFORM,
) -> Destination:
    """Enter a platform above, or change it; a new one is given what came from `valid_from` on.

    Parameters
    ----------
    code : str
    values : mapping of str to object
        Columns of `Destination`; those that are left out keep what they have, or their defaults.
    valid_from : date
        Of Shanghai.
    valid_to : date, optional
        The first day on which nothing is handed on any more.
    stations : iterable of Station
        Those listed by name.
    identities : mapping of str to Names, optional
        By which numbers it knows devices (by their MN) and stations (by their code); as before when left out. A
        password or key that is `KEPT` stays what it is.
    made_from : str, optional
        What `qingyuan.forwarding.queries.made_from` said when a form was made. A key that was set since, and that the
        form did not touch, stays.
    origin : Origin

    Returns
    -------
    Destination

    Raises
    ------
    BadInput
        A value is wrong, a number names nobody, it ends before it begins, or it was changed since `made_from`.
    """
    if valid_to is not None and valid_to <= valid_from:
        raise BadInput(_("Found an end that is not after the beginning."), "valid_to")
    one = Destination.objects.select_for_update().filter(code=code).first() or Destination(code=code)
    is_new = one.pk is None
    seen = read_made_from(made_from) if made_from and not is_new else None
    if seen is not None:
        see_unchanged(one, seen)
    for column in _PLAIN:
        if column in values:
            setattr(one, column, values[column])
    one.valid = DateRange(valid_from, valid_to)
    _check(one)
    since = datetime.combine(valid_from, time(), clock.SHANGHAI)
    if is_new:
        one.position = number_before(since)
    own_means.begin(one, since if is_new else clock.now())
    one.save()
    one.stations.set(stations)
    if identities is not None:
        name(one, identities, seen)
    told = {column: value for column in _PLAIN if (value := _told(one, column)) is not None}
    told |= {"valid": [str(valid_from), str(valid_to or "")], "stations": sorted(s.code for s in one.stations.all())}
    told["identities"] = {row.own: [row.mn, row.system] for row in one.identities.all()}
    log.write(DestinationDefined(one.pk, code, told), origin, one.reason)
    return one


def _told(one: Destination, name: str) -> Any:
    if name in _OPEN:
        return bool(getattr(one, name))
    value = getattr(one, name)
    return value.path if name == "cell" and value is not None else value


def _check(one: Destination) -> None:
    if not one.reason.strip():
        raise BadInput(_("Say why data are handed on there, such as the order that asks for it."), "reason")
    if not one.what:
        raise BadInput(_("Choose at least one kind of data."), "what")
    try:
        one.clean_fields(exclude=("position",))
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise BadInput("; ".join(messages), name) from error
    _check_security(one)
    _check_own(one)
    if one.tls and one.tls_authority:
        try:
            ssl.create_default_context(cadata=one.tls_authority)
        except (ssl.SSLError, ValueError) as error:
            raise BadInput(
                _("Found text that is no certificate in PEM form (%(why)s).") % {"why": error}, "tls_authority"
            ) from error


def _check_own(one: Destination) -> None:
    """Own means fill up values that are handed on, and HJ 212 has one interval of minutes for a whole system."""
    missing = [OwnMean(kind) for kind in one.own_means if WHAT_OF_OWN[kind] not in one.what]
    if missing:
        told = {"own": missing[0].label}
        raise BadInput(_("Found %(own)s, without the values of that kind that devices send.") % told, "own_means")
    if {OwnMean.MINUTE, OwnMean.TEN_MINUTE} <= set(one.own_means):
        raise BadInput(_("Found minute and ten-minute means, expected one of them."), "own_means")
    if one.own_mark and not one.own_mark.isalnum():
        raise BadInput(_("Found a mark that is not of letters and digits."), "own_mark")


def _check_security(one: Destination) -> None:
    """Only 2025 enciphers, and with a key; where a line does not encipher, it keeps none."""
    if one.cipher == Cipher.NONE:
        one.key = ""
        return
    if one.edition != Edition.E2025:
        raise BadInput(_("Found security SM4, which only the edition of 2025 has; choose “in the clear”."), "cipher")
    if one.enciphered_in_clear:
        raise BadInput(
            _("This line enciphers, so nothing needs to be allowed to go in the clear."), "enciphered_in_clear"
        )
    check_key(one.key, "key")


@transaction.atomic
def send_again(one: Destination, numbers: Iterable[int] | None, origin: Origin) -> int:
    """Send again what did not arrive.

    Parameters
    ----------
    one : Destination
    numbers : iterable of int, or None
        Numbers of `Undelivered`; None for all that have not arrived.
    origin : Origin

    Returns
    -------
    int
        How many will be sent.
    """
    count = _wanted_again(Undelivered.objects.filter(destination=one), numbers)
    if count:
        log.write(UndeliveredSentAgain(one.pk, count), origin)
    return count


@transaction.atomic
def send_withheld(one: Destination, origin: Origin) -> int:
    """Send what was withheld because it came enciphered and would have gone in the clear.

    Parameters
    ----------
    one : Destination
    origin : Origin

    Returns
    -------
    int
        How many packets will be sent.

    Raises
    ------
    Refused
        It would still go in the clear, and nobody has allowed that.
    """
    if not cover_of(one).lets_out(came_enciphered=True):
        raise Refused(_("The line does not encipher, and nobody has allowed that such content goes in the clear."))
    count = late.want_withheld(one)
    if count:
        log.write(UndeliveredSentAgain(one.pk, count), origin)
    return count


@transaction.atomic
def send_own_again(one: Destination, numbers: Iterable[int] | None, origin: Origin) -> int:
    """Send again means computed here that did not arrive.

    Parameters
    ----------
    one : Destination
    numbers : iterable of int, or None
        Numbers of `OwnUndelivered`; None for all that have not arrived.
    origin : Origin

    Returns
    -------
    int
        How many will be sent, as they stand by then: none where the device has sent its own meanwhile.
    """
    count = _wanted_again(OwnUndelivered.objects.filter(destination=one), numbers)
    if count:
        log.write(OwnMeansSentAgain(one.pk, count), origin)
    return count


@transaction.atomic
def send_own_withheld(one: Destination, origin: Origin) -> int:
    """Send means computed here that were withheld because what they are made of came enciphered.

    Parameters
    ----------
    one : Destination
    origin : Origin

    Returns
    -------
    int
        How many will be sent, but for those of which the device has sent its own meanwhile.

    Raises
    ------
    Refused
        They would still go in the clear, and nobody has allowed that.
    """
    if not cover_of(one).lets_out(came_enciphered=True):
        raise Refused(_("The line does not encipher, and nobody has allowed that such content goes in the clear."))
    count = own_rows.want_withheld(one)
    if count:
        log.write(OwnMeansSentAgain(one.pk, count), origin)
    return count


def _wanted_again(rows: QuerySet[Undelivered] | QuerySet[OwnUndelivered], numbers: Iterable[int] | None) -> int:
    """Have rows that have not arrived sent again, all of them or some; how many."""
    chosen = Q() if numbers is None else Q(pk__in=list(numbers))
    return rows.filter(chosen, delivered_at=None, again_at=None).update(again_at=clock.now())


def hand_on_late(event: QuarantineDecoded | PacketsReadAgain | FeedReplayed) -> None:
    """Have packets handed on that are decoded after their turn has passed (a handler of the loop).

    Parameters
    ----------
    event : QuarantineDecoded, PacketsReadAgain or FeedReplayed
    """
    grown = [] if isinstance(event, QuarantineDecoded) else event.grown
    if event.late or grown:
        with transaction.atomic():
            late.enter(event.late, grown)


def delivery_faults() -> Iterator[str | None]:
    """Hold every delivery against its line of the log.

    Yields
    ------
    str or None
        For each line of the log what is wrong with the delivery that it names, or None; then, for each delivery that
        no line names, that.
    """
    named: set[int] = set()
    for told in lines(acts=(PacketsHandedOn.__name__,)).order_by("seq").iterator(chunk_size=200):
        number = int(told.detail["run"])
        named.add(number)
        yield proving.fault_of(Run.objects.filter(pk=number).first(), told.detail)
    for number in Run.objects.order_by("pk").values_list("pk", flat=True).iterator():
        if number not in named:
            yield f"delivery {number} is named by no line of the log"


def message_faults() -> Iterator[str | None]:
    """Hold the messages that were made here for platforms above against their lines of the log.

    Yields
    ------
    str or None
        For each line of the log what is wrong with the messages that it names, or None; then, for those that no line
        names, that. Those kept before the first such line was written are left out: nothing was told of them.
    """
    named: set[int] = set()
    for told in lines(acts=(MessagesKept.__name__,)).order_by("seq").iterator(chunk_size=200):
        number = int(told.detail["row"])
        named.add(number)
        yield proving.fault_of_messages(number, told.detail)
    since = min(named, default=None)
    later = Sent.objects.filter(pk__gt=since) if since else Sent.objects.none()
    for number in later.order_by("pk").values_list("pk", flat=True).iterator():
        if number not in named:
            yield f"messages {number} are named by no line of the log"


def handed_on_to(device: Device) -> list[Destination]:
    """The platforms above to which the data of a device are handed on.

    Parameters
    ----------
    device : Device

    Returns
    -------
    list of Destination
    """
    if device.station_id is None:
        return []
    found = Destination.objects.filter(enabled=True).order_by("code")
    return [one for one in found if stations_of(one).filter(pk=device.station_id).exists()]
