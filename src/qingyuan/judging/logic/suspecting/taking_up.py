"""What follows when spots come, are taken back, or a person decides."""

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.judging.events import FindingDismissed, ProblemNoted
from qingyuan.judging.logic.suspecting import deciding, joining, wording
from qingyuan.judging.models import Dismissal, Finding, FindingState, ProblemState, SeverityLevel, SuspectedProblem
from qingyuan.judging.suspicion import problem as found_problem
from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import Role, User
from qingyuan.sensing.queries import SpotFile, spots_of_file

MAY_ENTER = (Role.DUTY_OFFICER, Role.ANALYST)


def take_up(file_id: int) -> None:
    """Join what a file brought into suspected problems, and make clues of those that the rules want."""
    for problem in joining.join(one for one in spots_of_file(file_id) if one.withdrawn_at is None):
        deciding.decide(problem)


def take_back(file_id: int) -> None:
    """Look again at the problems whose spots were taken back."""
    numbers = [one.pk for one in spots_of_file(file_id)]
    touched = SuspectedProblem.objects.filter(spots__spot__in=numbers).distinct().order_by("pk")
    for problem in touched:
        deciding.decide(problem)
        if problem.count == 0 and problem.finding is not None:
            _dismiss(problem.finding, SpotFile.objects.select_related("undone_by").get(pk=file_id))


def _dismiss(clue: Finding, file: SpotFile) -> None:
    if clue.state != FindingState.OPEN:
        return
    clue.state, clue.dismissed_at, clue.dismissed_code = FindingState.DISMISSED, clock.now(), Dismissal.OTHER
    clue.dismissed_by, clue.dismissed_why = file.undone_by, file.undone_why
    clue.save(update_fields=["state", "dismissed_at", "dismissed_code", "dismissed_by", "dismissed_why"])
    who = Origin(file.undone_by.username, "") if file.undone_by else log.PLATFORM
    log.write(FindingDismissed(id=clue.pk, detector=clue.detector, code=clue.dismissed_code), who, file.undone_why)


@transaction.atomic
def enter_problem(problem_id: int, user: User, why: str, origin: Origin) -> Finding:
    """Make a suspected problem a clue that the rules left out.

    Parameters
    ----------
    problem_id : int
    user : User
        A duty officer or an analyst.
    why : str
        Cannot be left out.
    origin : Origin

    Returns
    -------
    Finding
        Open, at the problem's place; dispatch rules take it up like what people report.

    Raises
    ------
    NotFound
        There is none of that number in the user's territory.
    Forbidden
        The user's role may not.
    BadInput
        No reason is given.
    Refused
        It is a clue already, or was taken back.
    """
    if user.role not in MAY_ENTER:
        roles = ", ".join(str(role.label) for role in MAY_ENTER)
        raise Forbidden(_("Only these roles may make a suspected problem a clue: %(roles)s") % {"roles": roles})
    if not why.strip():
        raise BadInput(_("Say why it is a clue"), "why")
    row = SuspectedProblem.objects.select_for_update(of=("self",)).get(pk=found_problem(user, problem_id).pk)
    if row.finding_id is not None or row.state == ProblemState.WITHDRAWN:
        raise Refused(_("It is a clue already, or was taken back."))
    said = wording.entered(user.name, why.strip())
    row.state, row.why_zh, row.why_en = ProblemState.CLUE, said.zh, said.en
    clue = deciding.make_clue(row, SeverityLevel.MINOR, user, origin)
    row.save()
    fact = ProblemNoted(
        id=row.pk, kind=row.kind, state=str(row.state), cell=row.cell.path, finding=clue.pk,
        sentence_zh=row.sentence_zh, sentence_en=row.sentence_en, why_zh=row.why_zh, why_en=row.why_en,
    )  # fmt: skip
    log.write(fact, Origin(user.username, origin.place), why.strip())
    return clue
