"""What the judging stage does when somebody asked for it."""

from procrastinate.contrib.django import app

from qingyuan.judging import api
from qingyuan.judging.logic.rehearsed.running import JOB, QUEUE


@app.task(name=JOB, queue=QUEUE)
def rehearse(rehearsal_id: int) -> None:
    """Run a rehearsal; one at a time, because it takes every processor."""
    api.run_rehearsal(rehearsal_id)
