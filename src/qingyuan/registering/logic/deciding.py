"""What persons decide about rows: one enterprise or two, at once and for every later build; and taking it back."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import User
from qingyuan.registering.events import AnswerTakenBack, PairAnswered
from qingyuan.registering.logic.building import precedence
from qingyuan.registering.logic.standing import Standing, placed, save, valued
from qingyuan.registering.models import Build, BuildState, ChangeKind, Pair, Source, WrittenRow
from qingyuan_science.linking import Answer


@transaction.atomic
def answer(found: Pair, said: Answer, user: User, origin: Origin, *, why: str) -> Pair:
    """Keep an answer; if the two are one enterprise, join their sources now."""
    one = Pair.objects.select_for_update(of=("self",)).select_related("one__source", "other__source").get(pk=found.pk)
    if one.answer is not None or one.back_at is not None:
        raise Refused(_("Somebody has answered this already; reload the page."))
    reason = _reason(why)
    one.answer, one.why, one.answered_by, one.answered_at = int(said), reason, user, clock.now()
    joined = _join(one, user) if said is Answer.SAME else []
    one.save()
    rows = [one.one.key, one.other.key]
    log.write(PairAnswered(id=one.pk, rows=rows, answer=said.name, joined=joined, parted=[]), origin, why=reason)
    return one


@transaction.atomic
def part(row: WrittenRow, why: str, user: User, origin: Origin) -> Source:
    """Take a row out of its source for good: it and every other row there are of two enterprises."""
    rows = list(WrittenRow.objects.select_for_update().filter(source=row.source_id))
    others = [one for one in rows if one.pk != row.pk]
    if row.source is None or not others:
        raise Refused(_("This is the only row of its source, so there is nothing to part."))
    reason, now = _reason(why), clock.now()
    for other in others:
        low, high = sorted((row, other), key=lambda one: one.key)
        values = {"answer": int(Answer.DIFFERENT), "why": reason, "answered_by": user, "answered_at": now}
        kept = {"probability": 0.0, "asked_at": now}
        pair = Pair.objects.filter(one=low, other=high, back_at=None).first() or Pair(one=low, other=high, **kept)
        for name, value in values.items():
            setattr(pair, name, value)
        pair.save()
    made = _restand([(None, [row]), (row.source, others)], ChangeKind.PARTED, user)
    log.write(
        PairAnswered(
            id=made[0].pk, rows=[one.key for one in (row, *others)], answer=Answer.DIFFERENT.name, joined=[],
            parted=[one.pk for one in made],
        ), origin, why=reason,
    )  # fmt: skip
    return made[0]


@transaction.atomic
def take_back(found: Pair, why: str, user: User, origin: Origin) -> Pair:
    """Let an answer hold no more: rows that it moved go back to where they were, and the pair is asked again."""
    one = Pair.objects.select_for_update(of=("self",)).select_related("one__source", "other__source").get(pk=found.pk)
    if one.answer is None or one.back_at is not None:
        raise Refused(_("There is no answer that holds here; reload the page."))
    one.back_by, one.back_at, one.back_why = user, clock.now(), _reason(why)
    one.save()
    moved = {each["row"]: each["source"] for each in one.moved}
    if moved:
        _move_back(moved, user)
    again = Pair.objects.create(
        one=one.one, other=one.other, probability=one.probability, terms=one.terms, asked_at=clock.now()
    )
    rows = [one.one.key, one.other.key]
    log.write(AnswerTakenBack(id=one.pk, rows=rows, answer=Answer(one.answer).name), origin, why=one.back_why)
    return again


def _reason(why: str) -> str:
    if not why.strip():
        raise BadInput(_("Say why: the reason is kept with the answer."), "why")
    return why.strip()


def _join(pair: Pair, user: User) -> list[int]:
    first, second = pair.one.source, pair.other.source
    if first is None or second is None or first.pk == second.pk:
        return []
    if first.enterprise_id and second.enterprise_id:
        raise Refused(_("Both are enterprises of the ledger, each with its own file: they cannot be made one here."))
    stays, goes = (second, first) if second.enterprise_id and not first.enterprise_id else (first, second)
    moved = list(goes.rows.all())
    pair.moved = [{"row": row.pk, "source": goes.pk} for row in moved]
    _restand([(stays, [*stays.rows.all(), *moved])], ChangeKind.JOINED, user, ending=[(goes, stays)])
    return [stays.pk, goes.pk]


def _move_back(moved: dict[int, int], user: User) -> None:
    rows = list(WrittenRow.objects.filter(pk__in=moved).select_related("source"))
    former = Source.objects.get(pk=next(iter(moved.values())))
    joined = {row.source for row in rows if row.source is not None and row.source.pk != former.pk}
    back = [*former.rows.all(), *rows]
    left = [(one, list(one.rows.exclude(pk__in=moved))) for one in joined]
    former.until = None
    stay = [(one, remaining) for one, remaining in left if remaining]
    _restand([(former, back), *stay], ChangeKind.PARTED, user, ending=[(one, former) for one, rest in left if not rest])


def _restand(
    groups: Sequence[tuple[Source | None, Sequence[WrittenRow]]], kind: ChangeKind, user: User,
    ending: Iterable[tuple[Source, Source]] = (),
) -> list[Source]:  # fmt: skip
    """Sources with these rows, valued anew; those of `ending` go into another."""
    build = Build.objects.filter(state=BuildState.DONE).latest("pk")
    standing, order = Standing(build, by=user), precedence(build.lists)
    ids = sorted(one.pk for one, _rows in groups if one is not None)
    made = [standing.take(one, rows, valued(rows, order), kind, others=ids) for one, rows in groups]
    for one, into in ending:
        standing.end(one, [into.pk])
    placed(made)
    save(standing)
    return made
