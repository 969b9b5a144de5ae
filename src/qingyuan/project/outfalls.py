"""The demo district's river outfalls, entered through the platform's own doors."""

from datetime import timedelta

from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import Organisation, User
from qingyuan.places import api as places
from qingyuan.places.queries import Enterprise, Station, WaterBody
from qingyuan_science.worlds import World


def enter(new: World) -> None:
    """Every outfall with what is known of it, and the states it came into."""
    owners = {one.code: one for one in Enterprise.objects.all()}
    stations = {one.code: one for one in Station.objects.all()}
    waters = {one.code: one for one in WaterBody.objects.all()}
    bureau = Organisation.objects.filter(kind="bureau").first()
    analyst = User.objects.filter(role="analyst").order_by("pk").first()
    today = new.epoch.astimezone(SHANGHAI).date()
    for one in new.outfalls:
        granted = today - timedelta(days=one.granted) if one.granted else None
        facts = places.OutfallFacts(
            title_zh=one.title.zh, title_en=one.title.en, kind=one.kind, water=waters[one.watercourse],
            lon=one.location.x, lat=one.location.y, bank=one.bank, rhythm=one.rhythm, entry=one.entry,
            section=stations[one.section], responsible=one.responsible, supervisor=bureau,
            number=f"清环排口〔{granted.year}〕{one.granted % 97 + 1}号" if granted else "", granted_on=granted,
            granted_until=today + timedelta(days=one.until) if one.until else None,
            signposted_on=today - timedelta(days=one.board) if one.board else None,
            enterprises=(owners[one.owner],) if one.owner else (),
            stations=(stations[one.outlet],) if one.outlet else (),
        )  # fmt: skip
        first = today - timedelta(days=one.steps[0][1])
        entered = places.enter_outfall(None, facts, days=(first, None))
        for state, days in one.steps:
            places.move_outfall(entered.outfall, state, today - timedelta(days=days), user=analyst)
