"""Entering sources into the ledger: one enterprise, one file."""

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.kit import log
from qingyuan.kit.errors import Refused
from qingyuan.kit.log import Origin
from qingyuan.places.api import register_enterprise
from qingyuan.places.queries import Enterprise
from qingyuan.registering.events import SourceEntered
from qingyuan.registering.logic.building import precedence
from qingyuan.registering.logic.standing import valued
from qingyuan.registering.models import Build, Source, WrittenRow
from qingyuan.registering.queries import LEDGER
from qingyuan_science.standards.codes.credit import credit_code
from qingyuan_science.standards.errors import BadCode


def lacks(one: Source) -> list[str]:
    """What a source still needs before it can be entered, in words."""
    found = []
    if not one.title:
        found.append(_("a name"))
    if not _fits(one.code):
        found.append(_("a credit code whose check letter fits"))
    if one.lon is None or one.cell_id is None:
        found.append(_("a position within the district"))
    return found


@transaction.atomic
def enter(one: Source, origin: Origin) -> Enterprise:
    """Enter a source as an enterprise of the ledger."""
    if one.enterprise_id is not None or one.until_id is not None:
        raise Refused(_("“%(name)s” is entered already, or stands in the list no more.") % {"name": one.title})
    missing = lacks(one)
    if missing:
        raise Refused(_("“%(name)s” lacks: %(what)s.") % {"name": one.title, "what": ", ".join(missing)})
    code = credit_code(one.code).code
    if Enterprise.objects.filter(code=code).exists():
        raise Refused(_("The ledger has an enterprise of code %(code)s; decide whether they are one.") % {"code": code})
    made = register_enterprise(
        code, lon=one.lon or 0.0, lat=one.lat or 0.0, title_zh=one.title[:120], title_en=one.title[:120],
        industry_code=one.industry[:8], industry_zh="", industry_en="", management="",
        address_zh=one.address[:160], address_en=one.address[:160],
    )  # fmt: skip
    WrittenRow.objects.create(
        of=LEDGER, mark=f"{made.pk}", source=one, enterprise=made, name=made.title_zh, code=code,
        address=made.address_zh, industry=made.industry_code, lon=made.lon, lat=made.lat, permit=one.permit,
    )  # fmt: skip
    values = valued(list(one.rows.all()), precedence(Build.objects.latest("pk").lists))
    for name, value in values.items():
        setattr(one, name, value)
    one.save()
    log.write(SourceEntered(id=one.pk, enterprise=code), origin)
    return made


def _fits(code: str) -> bool:
    try:
        credit_code(code)
    except BadCode:
        return False
    return True
