"""What is done with the list of fixed sources when somebody asked for it."""

from procrastinate.contrib.django import app

from qingyuan.registering import api
from qingyuan.registering.logic.building import JOB, QUEUE


@app.task(name=JOB, queue=QUEUE)
def build(build_id: int) -> None:
    """Build the list; takes a minute or two for 83,000 enterprises."""
    api.compute_build(build_id)
