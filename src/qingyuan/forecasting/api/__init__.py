"""Verbs of forecasting: forecasts of channels that the platform makes, and of air quality that bulletins bring."""

from qingyuan.forecasting.api.air import (
    BulletinPreview,
    bring_bulletin,
    enter_bulletin,
    keep_forecasts,
    preview_bulletin,
)
from qingyuan.forecasting.api.channels import drop_old, issue_due, set_forecast_rule

__all__ = [
    "BulletinPreview",
    "bring_bulletin",
    "drop_old",
    "enter_bulletin",
    "issue_due",
    "keep_forecasts",
    "preview_bulletin",
    "set_forecast_rule",
]
