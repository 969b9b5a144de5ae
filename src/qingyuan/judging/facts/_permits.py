"""Permits of the enterprises asked about, as known now."""

from collections import defaultdict

from qingyuan.judging.fact import Asked, Link
from qingyuan.places.queries import Permit, known_now, permits_of
from qingyuan_science.plugins import Text

NO_PERMIT = Text("平台没有登记排污许可证", "no permit on file")


def permits_held(asked: Asked) -> dict[int, list[Permit]]:
    """Every edition known now of each enterprise, with limits and totals, the earliest first."""

    def fetch() -> dict[int, list[Permit]]:
        found: dict[int, list[Permit]] = defaultdict(list)
        rows = (
            known_now(permits_of(asked.enterprises)).select_related("enterprise").prefetch_related("limits", "totals")
        )
        for one in rows.order_by("valid"):
            found[one.enterprise_id].append(one)
        return found

    held: dict[int, list[Permit]] = asked.once("permits held", fetch)
    return held


def link_to_permit(permit: Permit) -> Link:
    """The permits of its enterprise."""
    title = Text(f"排污许可证 {permit.number}", f"discharge permit {permit.number}")
    return Link.to_papers(permit.enterprise, "permit", title)
