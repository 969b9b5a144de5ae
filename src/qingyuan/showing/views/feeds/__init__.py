"""Feeds for administrators: what comes by other doors than HJ 212, what waits, and what the feeds' names mean."""

from qingyuan.showing.views.feeds.acts import change, enter, issue, map_one, read_again
from qingyuan.showing.views.feeds.pages import listing, record

__all__ = ["change", "enter", "issue", "listing", "map_one", "read_again", "record"]
