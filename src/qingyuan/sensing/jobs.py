"""What the sensing stage does by the clock."""

from procrastinate.contrib.django import app

from qingyuan.sensing import api
from qingyuan.sensing.api import journals


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


@app.periodic(cron="*/10 * * * *")
@app.task(name="sensing.publish_journals", queue="clock", queueing_lock="sensing.publish_journals")
def publish_journals(timestamp: int) -> None:
    """Every ten minutes: what a crash kept from the Delta logs of lists in bulk."""
    journals.publish_journals()


@app.periodic(cron="10 18 * * *")
@app.task(name="sensing.compact_journals", queue="clock", queueing_lock="sensing.compact_journals")
def compact_journals(timestamp: int) -> None:
    """At 02:10 in China: many files of lists in bulk into few."""
    journals.compact_journals()


@app.periodic(cron="40 17 * * *")
@app.task(name="sensing.match_journals_again", queue="clock", queueing_lock="sensing.match_journals_again")
def match_journals_again(timestamp: int) -> None:
    """At 01:40 in China: whom lists in bulk mean, where somebody is on file or called so only now."""
    journals.match_journals_again()
