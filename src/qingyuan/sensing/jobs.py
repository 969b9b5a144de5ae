"""What the sensing stage does by the clock."""

from procrastinate.contrib.django import app

from qingyuan.sensing import api


@app.periodic(cron="20 19 * * *")
@app.task(name="sensing.remove_expired_footage", queue="clock", queueing_lock="sensing.remove_expired_footage")
def remove_expired_footage(timestamp: int) -> None:
    """At 03:20 in China: clips and stills whose time has ended and to which nothing refers."""
    api.remove_expired_footage()


@app.periodic(cron="* * * * *")
@app.task(name="sensing.note_day_start", queue="clock", queueing_lock="sensing.note_day_start")
def note_day_start(timestamp: int) -> None:
    """Every minute, so that it is done at midnight in China, or as soon as the platform runs again."""
    api.note_day_start()
