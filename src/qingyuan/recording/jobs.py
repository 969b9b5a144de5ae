"""What the recording stage does by the clock."""

from datetime import timedelta

from django.db import transaction
from procrastinate.contrib.django import app

from qingyuan.kit import clock
from qingyuan.recording import api
from qingyuan.recording.logic import partitions


@app.periodic(cron="* * * * *")
@app.task(name="recording.compute_ended", queue="clock", queueing_lock="recording.compute_ended")
def compute_ended(timestamp: int) -> None:
    """Every minute: means of the minutes, ten minutes, hours and days that have ended since."""
    api.compute_ended()


@app.periodic(cron="30 */6 * * *")
@app.task(name="recording.make_partitions", queue="clock", queueing_lock="recording.make_partitions")
def make_partitions(timestamp: int) -> None:
    """Partitions for the next three days stand before they are needed."""
    today = clock.now().date()
    with transaction.atomic():
        partitions.ensure(today + timedelta(days=ahead) for ahead in range(4))
