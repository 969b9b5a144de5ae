"""Sending the messages that wait: a few of one service at a time, so that a slow or dead one holds up no other."""

from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Q

from qingyuan.dispatching.logic.telling import wake
from qingyuan.dispatching.models import Message, MessageState
from qingyuan.kit import clock
from qingyuan.people.api import send_to
from qingyuan.people.queries import HOPELESS, STOPPED

LANES = 3  # messages of one service that are on their way at once
PAUSES_S = (5, 30, 120, 600)  # after the first, second ... attempt; after the last it is given up
STUCK_S = 120.0  # who has been sending for so long was stopped in the midst of it
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext(%s))"


def send_waiting(service: str) -> int:
    """Send what is due of a service, until nothing is or others do it already; answers how many were tried."""
    count = 0
    while (message := _take(service)) is not None:
        _note(message, send_to(message.contact_id, message.title, message.body))
        count += 1
    return count


def look_after() -> None:
    """Take up again what a process left when it died, and wake who sends what is due for long."""
    now = clock.now()
    stuck = now - timedelta(seconds=STUCK_S)
    for message in Message.objects.filter(state=MessageState.SENDING, tried_at__lt=stuck):
        _note(message, STOPPED)
    late = Q(state=MessageState.WAITING, next_at__lt=now - timedelta(seconds=PAUSES_S[0]))
    for service in Message.objects.filter(late).order_by().values_list("service", flat=True).distinct():
        wake(service)


@transaction.atomic
def _take(service: str) -> Message | None:
    """The next message that is due, marked as on its way, if a lane is free."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME, [f"messages {service}"])
    of_service = Message.objects.filter(service=service)
    if of_service.filter(state=MessageState.SENDING).count() >= LANES:
        return None
    now = clock.now()
    message = of_service.filter(state=MessageState.WAITING, next_at__lte=now).order_by("next_at", "pk").first()
    if message is not None:
        message.state, message.tried_at = MessageState.SENDING, now
        message.attempts += 1
        message.save(update_fields=["state", "tried_at", "attempts"])
    return message


@transaction.atomic
def _note(message: Message, reason: str) -> None:
    now = clock.now()
    message.error = reason
    if not reason:
        message.state, message.sent_at = MessageState.SENT, now
    elif reason not in HOPELESS and message.attempts <= len(PAUSES_S):
        pause = PAUSES_S[message.attempts - 1]
        message.state, message.next_at = MessageState.WAITING, now + timedelta(seconds=pause)
        wake(message.service, pause)
    else:
        message.state = MessageState.FAILED
    message.save(update_fields=["state", "error", "sent_at", "next_at"])
