"""What evaluation does by the clock, and when somebody asked for it."""

from procrastinate.contrib.django import app

from qingyuan.evaluating import api
from qingyuan.evaluating.logic.computing import JOB, QUEUE
from qingyuan.kit import clock


@app.periodic(cron="13,43 * * * *")
@app.task(name="evaluating.ask_for_due_grades", queue="clock", queueing_lock="evaluating.ask_for_due_grades")
def ask_for_due_grades(timestamp: int) -> None:
    """Every half hour: ask for the evaluations whose time has come."""
    api.ask_for_due_grades(clock.now())


@app.task(name=JOB, queue=QUEUE)
def grade(run_id: int) -> None:
    """Compute an evaluation that a person or the timer asked for."""
    api.compute_grades(run_id)
