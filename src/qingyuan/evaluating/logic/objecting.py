"""Objections to items of a grade, and the signs that people enter (doors in `evaluating.api`)."""

from dataclasses import replace
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.evaluating.events import GradeCorrected, ObjectionAnswered, ObjectionFiled, SignEntered, SignWithdrawn
from qingyuan.evaluating.logic.computing import row_of
from qingyuan.evaluating.models import Grade, Objection, Sign
from qingyuan.evaluating.queries import MAY_ANSWER, MAY_GRADE, grade, objection, signs
from qingyuan.evaluating.scoring import SIGN, known_of, without
from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, NotFound, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import Enterprise
from qingyuan_science.standards.procedure.credit import credit_signs


@transaction.atomic
def file_objection(grade_id: int, user: User, item: str, reason: str, *, origin: Origin) -> Objection:
    """Keep what an enterprise holds against a deduction or a sign of its grade."""
    if user.role != Role.ENTERPRISE:
        raise Forbidden(_("Only the enterprise itself objects to its grade"))
    found = grade(user, grade_id)
    Enterprise.objects.select_for_update(no_key=True, of=("self",)).get(pk=found.enterprise_id)
    if not found.newest:
        raise Refused(_("This grade was corrected since; object to the one that stands now."))
    target = objectionable(found).get(item)
    if target is None:
        raise BadInput(_("Choose what the objection is about: a deduction or an item that counts"), "item")
    if not reason.strip():
        raise BadInput(_("Say why it is wrong"), "reason")
    if Objection.objects.filter(enterprise=found.enterprise, item=item, accepted=None).exists():
        raise Refused(_("An objection to this item waits for its answer already."))
    row = Objection.objects.create(
        grade=found, enterprise=found.enterprise, item=item, title_zh=target["zh"][:200], title_en=target["en"][:200],
        reason=reason.strip(), filed_by=user, filed_at=clock.now(),
    )  # fmt: skip
    fact = ObjectionFiled(id=found.enterprise_id, objection=row.pk, grade=found.pk, item=item)
    log.write(fact, replace(origin, actor=user.username), row.reason)
    return row


def objectionable(found: Grade) -> dict[str, dict[str, Any]]:
    """What can be objected to in a grade: deductions, and signs against the enterprise that count."""
    measures = {one["code"]: one for one in found.run.rules["measures"]}
    items = {}
    for one in (each for item in found.items for each in item["measures"] if item["weight"] and each["deducted"]):
        items[one["code"]] = {"zh": measures[one["code"]]["zh"], "en": measures[one["code"]]["en"]}
    for one in found.signs:
        if one["counts"] and one["kind"] != "green":
            code = one["measure"] or f"{SIGN}{one['number']}"
            items[code] = {"zh": one["title_zh"], "en": one["title_en"]}
    return items


@transaction.atomic
def answer(objection_id: int, user: User, *, accepted: bool, words: str, origin: Origin) -> Objection:
    """Accept an objection, which takes the item out of the grade, or refuse it; both with the reason."""
    if user.role not in MAY_ANSWER:
        raise Forbidden(_("Objections are answered by supervisors"))
    seen = objection(user, objection_id)
    row = Objection.objects.select_for_update(of=("self",)).select_related("grade__run", "enterprise").get(pk=seen.pk)
    if row.accepted is not None:
        raise Refused(_("This objection was answered already."))
    if not words.strip():
        raise BadInput(_("Say why it is accepted or refused"), "answer")
    row.accepted, row.answer, row.answered_by, row.answered_at = accepted, words.strip(), user, clock.now()
    by = replace(origin, actor=user.username)
    if accepted:
        _take_out(row, user, by)
    row.save()
    log.write(ObjectionAnswered(id=row.enterprise_id, objection=row.pk, accepted=accepted), by, row.answer)
    return row


def _take_out(row: Objection, user: User, origin: Origin) -> None:
    """Compute the grade that stands now anew without the item."""
    standing = (
        Grade.objects.select_for_update(of=("self",))
        .select_related("run")
        .get(run=row.grade.run_id, enterprise=row.enterprise_id, newest=True)
    )
    known = without(known_of(standing.items, standing.signs), row.item)
    if row.item.startswith(SIGN):
        sign = Sign.objects.get(pk=int(row.item.removeprefix(SIGN)))
        if sign.withdrawn_at is None:
            _withdraw(sign, user, row.answer, origin)
    else:
        gone = replace(known.excused[row.item], why=row.answer)
        row.points, row.value = gone.points, gone.value
        known = replace(known, excused={**known.excused, row.item: gone})
    following = row_of(standing.run, row.enterprise_id, known)
    Grade.objects.filter(pk=standing.pk).update(newest=False)
    following.save()
    fact = GradeCorrected(
        id=row.enterprise_id, grade=following.pk, before=standing.pk, objection=row.pk, score=following.score,
        level=following.level,
    )  # fmt: skip
    log.write(fact, origin, row.answer)


@transaction.atomic
def enter_sign(
    enterprise: Enterprise, user: User, *, code: str, on: date, what: str, document: str, origin: Origin
) -> Sign:
    """Enter a veto item, an incident or a green item of an enterprise."""
    _may_grade(user)
    if code not in {one.code for one in credit_signs()}:
        raise BadInput(_("Choose one of the items"), "code")
    clock.check_day(on, "on")
    if on > clock.now().astimezone(clock.SHANGHAI).date():
        raise BadInput(_("Found day %(found)s, expected today or earlier") % {"found": on}, "on")
    for text, field in ((what, "what"), (document, "document")):
        if not text.strip():
            raise BadInput(_("This cannot be left out"), field)
    row = Sign.objects.create(
        enterprise=enterprise, code=code, on=on, what=what.strip(), document=document.strip(), entered_by=user,
        entered_at=clock.now(),
    )  # fmt: skip
    fact = SignEntered(
        id=enterprise.pk, sign=row.pk, code=code, on=on.isoformat(), what=row.what, document=row.document
    )
    log.write(fact, replace(origin, actor=user.username))
    return row


@transaction.atomic
def withdraw_sign(sign_id: int, user: User, why: str, origin: Origin) -> Sign:
    """Take a sign back; evaluations from now on leave it out."""
    _may_grade(user)
    if not signs(user).filter(pk=sign_id).exists():
        raise NotFound(_("There is no item %(id)s in your territory.") % {"id": sign_id})
    row = Sign.objects.select_for_update(of=("self",)).get(pk=sign_id)
    if row.withdrawn_at is not None:
        raise Refused(_("It was taken back already."))
    if not why.strip():
        raise BadInput(_("Say why it is taken back"), "why")
    _withdraw(row, user, why.strip(), replace(origin, actor=user.username))
    return row


def _withdraw(row: Sign, user: User, why: str, origin: Origin) -> None:
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_why = clock.now(), user, why
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])
    log.write(SignWithdrawn(id=row.enterprise_id, sign=row.pk, code=row.code), origin, why)


def _may_grade(user: User) -> None:
    if user.role not in MAY_GRADE:
        roles = ", ".join(str(role.label) for role in MAY_GRADE)
        raise Forbidden(_("Only these roles may do this: %(roles)s") % {"roles": roles})
