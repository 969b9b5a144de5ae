"""What the recording stage does by the clock."""

from procrastinate.contrib.django import app

from qingyuan.kit.rounds import Round
from qingyuan.recording import api


@app.periodic(cron="* * * * *")
@app.task(name="recording.compute_ended", queue="clock", queueing_lock="recording.compute_ended")
def compute_ended(timestamp: int) -> None:
    """Every minute: means of the minutes, ten minutes, hours and days that have ended since."""
    api.compute_ended()


@app.periodic(cron="30 */6 * * *")
@app.task(name="recording.make_partitions", queue="clock", queueing_lock="recording.make_partitions")
def make_partitions(timestamp: int) -> None:
    """Partitions for the next three days stand before they are needed."""
    api.make_partitions()


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


@app.periodic(cron="40 18 * * *")
@app.task(name="recording.tend_lake", queue="clock", queueing_lock="recording.tend_lake")
def tend_lake(timestamp: int) -> None:
    """At 02:40 in China: old days into the lake, many files into few, and out with what is kept no longer."""
    work = Round("tend_lake")
    with work.turn("seal_old_days"):
        for _ in api.seal_old_days():
            pass
    with work.turn("expire_readings"):
        api.expire_readings()
    with work.turn("compact_lake"):
        api.compact_lake()
    work.end()
