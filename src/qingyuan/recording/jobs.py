"""What the recording stage does by the clock."""

from datetime import timedelta

from django.db import transaction
from procrastinate.contrib.django import app

from qingyuan.kit import clock
from qingyuan.recording import api
from qingyuan.recording.logic import partitions


@app.periodic(cron="2 * * * *")
@app.task(name="recording.compute_last_hour", queue="clock", queueing_lock="recording.compute_last_hour")
def compute_last_hour(timestamp: int) -> None:
    """Two minutes past the hour: means of the hour that ended."""
    api.compute_last_hour()


@app.periodic(cron="30 */6 * * *")
@app.task(name="recording.make_partitions", queue="clock", queueing_lock="recording.make_partitions")
def make_partitions(timestamp: int) -> None:
    """Partitions for the next three days stand before they are needed."""
    today = clock.now().date()
    with transaction.atomic():
        partitions.ensure(today + timedelta(days=ahead) for ahead in range(4))


@app.periodic(cron="*/5 * * * *")
@app.task(name="recording.fill_gaps", queue="clock", queueing_lock="recording.fill_gaps")
def fill_gaps(timestamp: int) -> None:
    """Every five minutes: ask devices that came back for what is missing."""
    api.fill_gaps()


@app.periodic(cron="17 * * * *")
@app.task(name="recording.drop_expired_drafts", queue="clock", queueing_lock="recording.drop_expired_drafts")
def drop_expired_drafts(timestamp: int) -> None:
    """Every hour: uploaded tables that nobody confirmed within a day."""
    api.drop_expired_drafts()
