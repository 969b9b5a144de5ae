"""What is written down in the demo district leads to what its world knows: one of each, and nothing more."""

import pytest
from past import send_the_past_of

from qingyuan.dispatching.queries import Case, case_of_finding
from qingyuan.judging.queries import Finding
from qingyuan.kit.delivery import run_until_quiet
from qingyuan.places.queries import PollutionWarning
from qingyuan.showing.logic.papers.response import response
from qingyuan_science.worlds import World
from qingyuan_science.worlds.papers import Papers

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_year_over_its_permit_and_the_cut_that_was_not_made_are_found(world: World) -> None:
    from qingyuan.kit import clock
    from qingyuan.people.queries import User

    run_until_quiet()
    papers = Papers(world)
    by_detector = {one.detector: one for one in Finding.objects.select_related("station__enterprise")}
    disobeyed = by_detector.pop("ordered_stop", None)  # where two hours of the first ordered day are known already
    assert Finding.objects.count() == len(by_detector) + (disobeyed is not None)
    assert set(by_detector) == {"annual_total", "emergency_cut"}
    over, uncut = by_detector["annual_total"], by_detector["emergency_cut"]
    outlet = next(row["outlet"] for _owner, row in papers.rows("permits") if not row["room"])
    assert over.station.code == outlet
    assert uncut.station.code == next(one.code for one in papers.meters if one.use == "production" and not one.obeys)
    assert (uncut.started_at >= papers.warning[0], uncut.ended_at <= papers.warning[1]) == (True, True)
    leader = User.objects.filter(role="leader")[0]
    assert case_of_finding(leader, over.pk) is not None, "somebody checks a year that is over its permit"
    assert case_of_finding(leader, uncut.pk) is not None, "somebody is sent where production was not cut"
    answers = response(leader, PollutionWarning.objects.get(), clock.now()).answers
    assert sorted(one.kind for one in answers) == ["bad", "good", "idle", "warning"]


def test_the_order_that_is_not_obeyed_is_found_when_the_stream_has_passed_midnight(
    world: World, gateway_port: int
) -> None:
    (order,) = Papers(world).rows("orders")
    send_the_past_of(world, order[1]["outlet"], gateway_port, hours=26)
    run_until_quiet()
    found = Finding.objects.get(detector="ordered_stop")
    assert Case.objects.filter(finding=found).exists(), "somebody is sent to the outlet that had to stop"
    assert (found.station.code, found.started_at) == (order[1]["outlet"], Papers(world).ordered)
