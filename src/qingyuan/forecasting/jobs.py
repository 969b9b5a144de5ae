"""What forecasting does by the clock."""

from procrastinate.contrib.django import app

from qingyuan.forecasting import api
from qingyuan.kit import clock


@app.periodic(cron="* * * * *")
@app.task(name="forecasting.issue_due", queue="clock", queueing_lock="forecasting.issue_due")
def issue_due(timestamp: int) -> None:
    """Every minute: forecast the channels that have a new hour, so many at a time."""
    api.issue_due(clock.now())


@app.periodic(cron="50 19 * * *")
@app.task(name="forecasting.drop_old", queue="clock", queueing_lock="forecasting.drop_old")
def drop_old(timestamp: int) -> None:
    """At 03:50 in China: forecasts that are kept no longer."""
    api.drop_old(clock.now())
