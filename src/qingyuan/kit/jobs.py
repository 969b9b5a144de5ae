"""What the kit does by the clock."""

from procrastinate.contrib.django import app

from qingyuan.kit import disk
from qingyuan.kit.proof import anchors


@app.periodic(cron="10 0 * * *")
@app.task(name="kit.anchor_log", queue="clock", queueing_lock="kit.anchor_log")
def anchor_log(timestamp: int) -> None:
    """Every day: keep the head of the log outside of the database."""
    anchors.anchor()


@app.periodic(cron="40 * * * *")
@app.task(name="kit.send_anchors", queue="clock", queueing_lock="kit.send_anchors")
def send_anchors(timestamp: int) -> None:
    """Every hour: send the heads that could not be sent before."""
    anchors.send_waiting()


@app.periodic(cron="20 20 * * *")
@app.task(name="kit.sweep_media", queue="clock", queueing_lock="kit.sweep_media")
def sweep_media(timestamp: int) -> None:
    """At 04:20 in China: what a crash left of files that were being written."""
    disk.sweep()
