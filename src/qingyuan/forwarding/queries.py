"""Reads of the platforms above: how each stands, what it was given, what did not arrive, what it asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import zstandard
from django.core import signing
from django.db.models import Count, Q, QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from qingyuan.forwarding.models import (
    Asked,
    Cipher,
    Destination,
    Edition,
    Form,
    Identity,
    Network,
    OwnLate,
    OwnMean,
    OwnUndelivered,
    Run,
    Sent,
    Undelivered,
    What,
    Why,
)
from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput
from qingyuan.sensing.queries import RawPacket
from qingyuan_science.series import moment

__all__ = [
    "DETAIL", "KEPT", "RESULTS", "Asked", "Cipher", "Delivery", "Destination", "Edition", "Form", "Identity",
    "MadeFrom", "Names", "Network", "OwnLate", "OwnMean", "OwnUndelivered", "Run", "Sent", "Undelivered", "What",
    "Why", "asked_by", "deliveries_of", "destination", "destinations", "digest_of", "in_force", "lagging",
    "made_from", "own_undelivered_of", "read_made_from", "runs_of", "terms_of", "undelivered_counts",
    "undelivered_of",
]  # fmt: skip

DETAIL = np.dtype(
    [("packet", "<i8"), ("number", "<i4"), ("sent", "<i8"), ("answered", "<i8"), ("tries", "<u2"), ("result", "u1")]
)
"""What a run keeps of each packet; instants in µs since 1970 UTC, 0 where there is none."""

RESULTS = {
    1: "accepted", 2: "refused", 3: "unanswered", 4: "too-old", 5: "unwritable", 6: "withheld", 7: "behind",
    8: "corrected",
}  # fmt: skip
"""How a packet ended, by the number that a run keeps; 8 was accepted too, in place of a mean computed here."""

TERMS = (
    "host", "port", "tls", "tls_authority", "edition", "form", "what", "kinds", "levels", "cell_id", "valid",
    "over_time_s", "re_count", "at_once", "per_second", "keep_hours", "lag_minutes", "passes_commands",
    "cipher", "key", "enciphered_in_clear", "own_means", "own_wait_minutes", "own_mark", "own_late",
)  # fmt: skip


@dataclass(frozen=True)
class Names:
    """By what a platform above knows a sender; what is empty stays as the sender itself says it."""

    mn: str = ""
    password: str = ""
    system: str = ""
    key: str = ""  # SM4, on a line of 2025 that enciphers; that of the line where it is empty


KEPT = "*"
"""In place of a password or key that stays what it is."""

_SALT = "qingyuan.forwarding.made_from"


@dataclass(frozen=True)
class MadeFrom:
    """What a form of a platform above was made from, as digests: by own number those of its names and of its key."""

    rest: str
    names: Mapping[str, tuple[str, str]]


def made_from(one: Destination) -> str:
    """What a form of a platform above is made from, so that `define_destination` sees what came between.

    Parameters
    ----------
    one : Destination

    Returns
    -------
    str
        Signed; no password and no key can be read from it.
    """
    columns = [field for field in Destination._meta.concrete_fields if field.editable and not field.primary_key]
    stations = sorted(one.stations.values_list("code", flat=True))
    rest = digest_of(*(str(getattr(one, field.attname)) for field in columns), *stations)
    rows = one.identities.order_by("own")
    names = {row.own: (digest_of(row.mn, row.password, row.system), digest_of(row.key)) for row in rows}
    return signing.dumps([rest, names], salt=_SALT, compress=True)


def read_made_from(text: str) -> MadeFrom:
    """What `made_from` said.

    Parameters
    ----------
    text : str

    Returns
    -------
    MadeFrom

    Raises
    ------
    BadInput
        It is not what this platform said.
    """
    try:
        rest, names = signing.loads(text, salt=_SALT)
    except signing.BadSignature as error:
        raise BadInput(_("Found a form that is not of this platform; open it again.")) from error
    return MadeFrom(rest, {own: (told, key) for own, (told, key) in names.items()})


def digest_of(*texts: str) -> str:
    """A digest of some texts that tells nothing of them; empty where they are.

    Parameters
    ----------
    texts : str

    Returns
    -------
    str
    """
    return salted_hmac(_SALT, "\0".join(texts)).hexdigest()[:20] if any(texts) else ""


@dataclass(frozen=True)
class Delivery:
    """What a run says of one packet and one platform above; `run` is None where it was decoded after its turn."""

    destination: Destination
    run: Run | None
    number: int
    sent_at: datetime | None
    answered_at: datetime | None
    tries: int
    result: str


def destinations() -> QuerySet[Destination]:
    """All platforms above; for administrators.

    Returns
    -------
    QuerySet of Destination
    """
    return Destination.objects.select_related("cell").order_by("code")


def destination(code: str) -> Destination | None:
    """The platform above with a code.

    Parameters
    ----------
    code : str

    Returns
    -------
    Destination or None
    """
    return destinations().filter(code=code).first()


def in_force(at: datetime | None = None) -> QuerySet[Destination]:
    """The platforms above that are switched on and in their time, or have something left of it to be given.

    Parameters
    ----------
    at : datetime, optional
        Now when left out.

    Returns
    -------
    QuerySet of Destination
    """
    today = (at or clock.now()).astimezone(clock.SHANGHAI).date()
    goes_on = Q(valid__endswith__isnull=True) | Q(valid__endswith__gt=today) | Q(waiting__gt=0) | Q(looked_at=None)
    return destinations().filter(goes_on, valid__startswith__lte=today, enabled=True)


def terms_of(one: Destination) -> tuple[Any, ...]:
    """What makes it necessary to open a line anew when it changes.

    Parameters
    ----------
    one : Destination

    Returns
    -------
    tuple
        Can be compared; passwords are in it.
    """
    names = tuple(one.identities.values_list("own", "mn", "password", "system", "key"))
    stations = tuple(one.stations.order_by("pk").values_list("pk", flat=True))
    return (*(str(getattr(one, name)) for name in TERMS), names, stations)


def lagging() -> QuerySet[Destination]:
    """The platforms above that wait for what is theirs longer than they may.

    Returns
    -------
    QuerySet of Destination
    """
    return Destination.objects.filter(enabled=True, lagging_since__isnull=False)


def runs_of(one: Destination) -> QuerySet[Run]:
    """What was handed on, newest first, without the details.

    Parameters
    ----------
    one : Destination

    Returns
    -------
    QuerySet of Run
    """
    return Run.objects.filter(destination=one).defer("details").order_by("-pk")


def undelivered_of(one: Destination) -> QuerySet[Undelivered]:
    """What was refused or not answered and has not arrived since, newest first.

    Parameters
    ----------
    one : Destination

    Returns
    -------
    QuerySet of Undelivered
    """
    return _not_arrived().filter(destination=one).order_by("-pk")


def own_undelivered_of(one: Destination) -> QuerySet[OwnUndelivered]:
    """Means computed here that have not arrived, the latest period first.

    Parameters
    ----------
    one : Destination

    Returns
    -------
    QuerySet of OwnUndelivered
    """
    found = OwnUndelivered.objects.filter(destination=one, delivered_at=None)
    return found.select_related("station").order_by("-at", "-pk")


def _not_arrived() -> QuerySet[Undelivered]:
    """Without what was decoded late and has yet to be sent: that waits."""
    return Undelivered.objects.filter(delivered_at=None, number__gt=0)


def undelivered_counts(some: Sequence[Destination]) -> dict[int, int]:
    """How many packets of each platform above have not arrived.

    Parameters
    ----------
    some : sequence of Destination

    Returns
    -------
    dict of int to int
        An entry for each.
    """
    found = _not_arrived().filter(destination__in=some)
    counted = dict(found.values_list("destination").annotate(count=Count("pk")).order_by())
    return {one.pk: counted.get(one.pk, 0) for one in some}


def asked_by(one: Destination) -> QuerySet[Asked]:
    """What a platform above asked for, newest first.

    Parameters
    ----------
    one : Destination

    Returns
    -------
    QuerySet of Asked
    """
    return Asked.objects.filter(destination=one).select_related("command__device").order_by("-pk")


def details_of(run: Run) -> "np.ndarray[Any, Any]":
    """What a run keeps of each packet.

    Parameters
    ----------
    run : Run

    Returns
    -------
    array of DETAIL
    """
    return np.frombuffer(zstandard.decompress(bytes(run.details)), DETAIL)


def deliveries_of(packet: RawPacket) -> list[Delivery]:
    """To which platforms above a row of raw packets was handed on, when, and how that ended.

    Parameters
    ----------
    packet : RawPacket

    Returns
    -------
    list of Delivery
        One for each of its packets and each platform, in that order.
    """
    runs = Run.objects.filter(after__lt=packet.pk, up_to__gte=packet.pk).select_related("destination")
    late = Undelivered.objects.filter(packet=packet.pk, delivered_at__isnull=False, number=0)
    in_runs = [
        Delivery(
            run.destination, run, int(one["number"]), _instant(int(one["sent"])), _instant(int(one["answered"])),
            int(one["tries"]), RESULTS.get(int(one["result"]), ""),
        )
        for run in runs.order_by("destination__code")
        for one in details_of(run)[details_of(run)["packet"] == packet.pk]
    ]  # fmt: skip
    after_its_turn = [
        Delivery(row.destination, None, 1, None, row.delivered_at, row.tries, RESULTS[1])
        for row in late.select_related("destination").order_by("destination__code")
    ]
    left_out = Undelivered.objects.filter(packet=packet.pk, why=Why.TOO_OLD).select_related("destination")
    too_old = [Delivery(row.destination, None, 1, None, None, 0, RESULTS[4]) for row in left_out]
    return in_runs + after_its_turn + sorted(too_old, key=lambda one: one.destination.code)


def _instant(us: int) -> datetime | None:
    return moment(us) if us else None
