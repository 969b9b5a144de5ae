"""How a feed fares: how far it was read, why it cannot be reached, what it sent that could not be taken in at all."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from qingyuan.kit import log
from qingyuan.sensing.events import FeedTroubled
from qingyuan.sensing.logic.raw.keeping import Faults, host
from qingyuan.sensing.logic.raw.packets import storable
from qingyuan.sensing.models import FaultCount, Feed


@transaction.atomic
def note_position(feed: Feed, position: Mapping[str, Any]) -> None:
    """Keep how far a feed has been read; in the transaction of the payloads that were read last.

    Parameters
    ----------
    feed : Feed
    position : mapping
        Whatever its connector needs to go on, as JSON.
    """
    feed.position = dict(position)
    feed.save(update_fields=["position"])


@transaction.atomic
def note_trouble(feed: Feed, trouble: str) -> None:
    """Show on a feed why it cannot be reached; the log says when that began.

    Parameters
    ----------
    feed : Feed
    trouble : str
    """
    found = Feed.objects.select_for_update().get(pk=feed.pk)
    trouble = storable(trouble)
    if not found.trouble:
        log.write(FeedTroubled(id=found.pk, code=found.code, trouble=trouble))
    found.trouble = trouble
    found.save(update_fields=["trouble"])


def trouble_is_over(feed: Feed) -> None:
    """Show that a feed can be reached again, though nothing has come yet.

    Parameters
    ----------
    feed : Feed
    """
    Feed.objects.filter(pk=feed.pk).exclude(trouble="").update(trouble="")


@transaction.atomic
def count_feed_fault(feed: Feed, fault: str, detail: str, times: int = 1) -> None:
    """Count what a feed sent and could not be taken in at all.

    Parameters
    ----------
    feed : Feed
    fault : str
        Name of the fault.
    detail : str
        What was found and what was expected.
    times : int
    """
    faults = Faults()
    faults.count((fault, feed.last_address, feed.sender), detail, times)
    faults.store()


@transaction.atomic
def count_bad_token(peer: str) -> int:
    """Count a request with a token that opens nothing.

    Parameters
    ----------
    peer : str
        Address and port that it came from.

    Returns
    -------
    int
        How many came from there today, this one included.
    """
    fault = "BadToken"
    faults = Faults()
    faults.count((fault, host(peer), ""), "found a token of no enabled feed, expected one that an administrator issued")
    faults.store()
    counted = FaultCount.objects.filter(error=fault, peer=host(peer), mn="").order_by("-day").first()
    return counted.count if counted else 1
