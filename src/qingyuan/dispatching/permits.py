"""Who may do what with a case, and what is still missing for it."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.dispatching.casework import ROLE_TITLES, Move, Need
from qingyuan.dispatching.models import Case, Task
from qingyuan.kit.errors import Forbidden
from qingyuan.people.queries import Role, User
from qingyuan_science.plugins import Text


def holds(user: User, task: Task) -> bool:
    """Whether the task is the user's to do: as its person, as a member of its organisation, or by role alone."""
    if user.role != task.role:
        return False
    if task.assignee_id is not None:
        return task.assignee_id == user.pk
    return task.organisation_id in (None, user.organisation_id)


def may_move(user: User, move: Move, task: Task) -> bool:
    """Whether the user may make the move; who has the role that holds the task must hold this very task."""
    return user.role in move.roles and (user.role != task.role or holds(user, task))


def check_move(user: User, move: Move, task: Task) -> None:
    """Refuse with the name of who could."""
    if user.role not in move.roles:
        roles = ", ".join(said(ROLE_TITLES[role]) for role in move.roles)
        raise Forbidden(_("“%(verb)s” is for: %(roles)s") % {"verb": said(move.title), "roles": roles})
    if not may_move(user, move, task):
        check_holder(user, task)


def check_holder(user: User, task: Task) -> None:
    """Refuse with the name of who holds the task."""
    if not holds(user, task):
        raise Forbidden(_("This task is held by %(holder)s") % {"holder": said(holder_of(task))})


def holder_of(task: Task) -> Text:
    """Who holds a task, in words: the person, the organisation's people of the role, or everybody of the role."""
    role = ROLE_TITLES[Role(task.role)]
    if task.assignee:
        zh, en = task.assignee.name_zh, task.assignee.name_en
        return Text(f"{role.zh} {zh or task.assignee.username}", f"{en or task.assignee.username} ({role.en})")
    if task.organisation:
        return Text(f"{task.organisation.title_zh}{role.zh}", f"{task.organisation.title_en} ({role.en})")
    return role


def missing(case: Case, move: Move) -> tuple[Need, ...]:
    """What the move demands and the file does not hold yet; voided evidence does not count."""
    held = [item for item in case.evidence.all() if item.voided_at is None]
    return tuple(
        need for need in move.needs if not any(item.kind == need.kind and item.photos >= need.photos for item in held)
    )


def said(text: Text) -> str:
    """A text in the language of whoever is looking."""
    return text.in_language(get_language() or "zh")
