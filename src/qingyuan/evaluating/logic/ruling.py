"""A bureau's editions of the rules (doors in `evaluating.api`)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.utils.translation import gettext as _

from qingyuan.evaluating.events import GradeRulesSet
from qingyuan.evaluating.models import GradeRules
from qingyuan.evaluating.rules import CREDIT, checked
from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput
from qingyuan.kit.log import Origin


@transaction.atomic
def set_rules(values: Mapping[str, Any], *, document: str, valid_from: date, origin: Origin) -> GradeRules:
    """Set the bureau's rules from a day on; an edition that held then holds up to the day before."""
    if not document.strip():
        raise BadInput(_("Say which document sets it"), "document")
    clock.check_day(valid_from, "valid_from")
    kept, now = checked(values), clock.now()
    after, known = DateRange(valid_from, None), DateTimeTZRange(now, None)
    for old in GradeRules.objects.filter(kind=CREDIT, known__contains=now, valid__overlap=after).select_for_update():
        old.known = DateTimeTZRange(old.known.lower, now)
        old.save(update_fields=["known"])
        if old.valid.lower < valid_from:
            before = DateRange(old.valid.lower, valid_from)
            GradeRules.objects.create(kind=CREDIT, document=old.document, values=old.values, valid=before, known=known)
    row = GradeRules.objects.create(kind=CREDIT, document=document.strip(), values=kept, valid=after, known=known)
    fact = GradeRulesSet(
        id=row.pk, kind=CREDIT, document=row.document, values=kept, days=[valid_from.isoformat(), None]
    )
    log.write(fact, origin)
    return row
