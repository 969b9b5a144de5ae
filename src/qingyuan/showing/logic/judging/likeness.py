"""The list of findings narrowed to those that a finding was compared with, and to what they turned out to be."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from qingyuan.judging.queries import Finding, findings
from qingyuan.showing.logic.filters import EVERY, Choice, drawn_choice, value_of
from qingyuan.showing.logic.judging.outcomes import Outcome, those_alike
from qingyuan.showing.logic.paging import number_in
from qingyuan.showing.request import Request


def alike_one(request: Request, found: QuerySet[Finding]) -> tuple[QuerySet[Finding], list[dict[str, Any]]]:
    """The findings like the one that the address names; the filters are drawn only where it names one."""
    number = number_in(request.GET.get("like"))
    one = findings(request.user).filter(pk=number).first() if number else None
    if one is None:
        return found, []
    like = Choice("like", _("Similar to"), [(one.pk, _("Finding %(id)s") % {"id": one.pk})])
    outcome = Choice("outcome", _("Turned out"), [(each.value, each.words) for each in Outcome])
    asked = value_of(outcome, request.GET)
    alike = those_alike(request.user, one, None if asked == EVERY else Outcome(asked))
    return found.filter(pk__in=alike), [drawn_choice(choice, request.GET) for choice in (like, outcome)]
