"""What the dispatching stage does by the clock, and when messages wait."""

from django.db import close_old_connections
from procrastinate.contrib.django import app

from qingyuan.dispatching import api
from qingyuan.dispatching.api import messages
from qingyuan.dispatching.logic.telling import JOB, QUEUE


@app.periodic(cron="* * * * *")
@app.task(name="dispatching.watch_clocks", queue="clock", queueing_lock="dispatching.watch_clocks")
def watch_clocks(timestamp: int) -> None:
    """Every minute: tell what is due soon, escalate what is overdue."""
    api.watch_clocks()


@app.task(name=JOB, queue=QUEUE)
def send_messages(service: str) -> None:
    """Send the messages of a service that are due."""
    close_old_connections()
    messages.send_messages(service)


@app.periodic(cron="* * * * *")
@app.task(name="dispatching.look_after_messages", queue="clock", queueing_lock="dispatching.look_after_messages")
def look_after_messages(timestamp: int) -> None:
    """Every minute: take up again what a process left when it died."""
    messages.look_after_messages()
