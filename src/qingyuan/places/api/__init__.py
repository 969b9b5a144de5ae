"""Verbs on places: the ledger, and the papers that bind an enterprise."""

from qingyuan.places.api.ledger import (
    apply_standard,
    describe_station,
    draw_cell,
    draw_water,
    end_posting,
    end_standard,
    post_person,
    register_enterprise,
    register_station,
)
from qingyuan.places.api.papers import (
    OwnLimit,
    OwnTotal,
    Pledge,
    assign_meter,
    declare_warning,
    end_paper,
    enter_order,
    enter_permit,
    enter_plan,
    enter_reach,
    withdraw_paper,
)

__all__ = [
    "OwnLimit",
    "OwnTotal",
    "Pledge",
    "apply_standard",
    "assign_meter",
    "declare_warning",
    "describe_station",
    "draw_cell",
    "draw_water",
    "end_paper",
    "end_posting",
    "end_standard",
    "enter_order",
    "enter_permit",
    "enter_plan",
    "enter_reach",
    "post_person",
    "register_enterprise",
    "register_station",
    "withdraw_paper",
]
