"""What the dispatching stage does by the clock."""

from procrastinate.contrib.django import app

from qingyuan.dispatching import api


@app.periodic(cron="* * * * *")
@app.task(name="dispatching.watch_clocks", queue="clock", queueing_lock="dispatching.watch_clocks")
def watch_clocks(timestamp: int) -> None:
    """Every minute: tell what is due soon, escalate what is overdue."""
    api.watch_clocks()
