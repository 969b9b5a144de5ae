"""What the judging stage does by the clock, and when somebody asked for it."""

from procrastinate.contrib.django import app

from qingyuan.judging import api
from qingyuan.judging.logic.rehearsed import reviewing
from qingyuan.judging.logic.rehearsed.running import JOB, QUEUE
from qingyuan.judging.logic.screening import running
from qingyuan.kit import clock


@app.periodic(cron="7,37 * * * *")
@app.task(name="judging.run_screenings", queue="clock", queueing_lock="judging.run_screenings")
def run_screenings(timestamp: int) -> None:
    """Every half hour: start the screenings whose time has come."""
    api.run_due_screenings(clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="judging.note_listening", queue="clock", queueing_lock="judging.note_listening")
def note_listening(timestamp: int) -> None:
    """Every minute: note that the platform runs, so that its own outage is nobody's silence."""
    api.note_listening(clock.now())


@app.periodic(cron="22 * * * *")
@app.task(name="judging.judge_silence", queue="clock", queueing_lock="judging.judge_silence")
def judge_silence(timestamp: int) -> None:
    """Every hour: tell which watched channels have fallen silent."""
    api.judge_silence(clock.now())


@app.task(name=JOB, queue=QUEUE)
def rehearse(rehearsal_id: int) -> None:
    """Run a rehearsal; one at a time, because it takes every processor."""
    api.run_rehearsal(rehearsal_id)


@app.task(name=running.JOB, queue=running.QUEUE)
def screen(run_id: int) -> None:
    """Run a screening that a person or the timer asked for."""
    api.run_screening(run_id)


@app.task(name=reviewing.JOB, queue=reviewing.QUEUE)
def review(review_id: int) -> None:
    """Judge a time of an enterprise again."""
    api.run_review(review_id)
