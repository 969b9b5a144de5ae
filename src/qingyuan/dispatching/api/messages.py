"""Verbs on messages to people: writing them when something happens, and sending them."""

from django.db import transaction

from qingyuan.dispatching.events import CaseEscalated, TaskDueSoon, TaskGiven
from qingyuan.dispatching.logic import sending, telling
from qingyuan.forwarding.events import DestinationLags
from qingyuan.judging.events import FindingOpened


@transaction.atomic
def tell_people(event: TaskGiven | TaskDueSoon | CaseEscalated | FindingOpened | DestinationLags) -> None:
    """Write a message to each address of those who want to hear of it and may see it (a handler of the loop).

    Parameters
    ----------
    event : TaskGiven or TaskDueSoon or CaseEscalated or FindingOpened or DestinationLags
    """
    telling.tell(event)


def send_messages(service: str) -> int:
    """Send what is due of one service (the job).

    Parameters
    ----------
    service : str
        As `Contact.service` says it.

    Returns
    -------
    int
        How many messages were tried.
    """
    return sending.send_waiting(service)


def look_after_messages() -> None:
    """Take up again what a process left when it died (by the clock)."""
    sending.look_after()
