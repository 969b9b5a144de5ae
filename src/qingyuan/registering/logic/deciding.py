"""What persons decide about rows: one enterprise or two, at once and for every later build; and taking it back."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import User
from qingyuan.registering.events import AnswerTakenBack, PairAnswered
from qingyuan.registering.logic.building import precedence
from qingyuan.registering.logic.standing import Standing, placed, save, valued
from qingyuan.registering.models import Build, BuildState, ChangeKind, Pair, Question, Source, WrittenRow
from qingyuan.registering.queries import LEDGER
from qingyuan.sensing.api.records import decide_firm, reopen_firm
from qingyuan.sensing.queries.records import written_as
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
    one.moved = [*one.moved, *_told_records(one, user, origin, reason)] if joined else one.moved
    one.save()
    rows = [one.one.key, one.other.key]
    log.write(PairAnswered(id=one.pk, rows=rows, answer=said.name, joined=joined, parted=[]), origin, why=reason)
    return one


@transaction.atomic
def answer_all(found: Question, said: Mapping[int, int] | None, user: User, origin: Origin, *, why: str) -> Question:
    """Keep what was said of all sources of a question: those of one number are one enterprise; None: cannot be told."""
    open_ = Pair.objects.filter(question=found, answer=None, back_at=None).exclude(one__source=F("other__source"))
    pairs = list(open_.select_related("one", "other"))
    if not pairs:
        raise Refused(_("Somebody has answered this already; reload the page."))
    met = {row.source_id: row for pair in pairs for row in (pair.one, pair.other) if row.source_id is not None}
    if said is not None and set(said) != set(met):
        raise BadInput(_("Say of each of them which enterprise it is."), "answer")
    ends = {frozenset((pair.one.source_id, pair.other.source_id)): pair for pair in pairs}
    judged = []
    for one, other in combinations(sorted(met), 2):
        same = None if said is None else said[one] == said[other]
        pair = ends.get(frozenset((one, other)))
        if pair is not None or same is False:  # what follows from other answers is not written down again
            verdict = Answer.UNSURE if same is None else Answer.SAME if same else Answer.DIFFERENT
            judged.append((verdict, pair or _between(found, met[one], met[other])))
    if said is not None:
        judged += _missing(found, said, met, ends)
    for verdict, pair in sorted(judged, key=lambda each: (-each[0], each[1].pk)):
        answer(pair, verdict, user, origin, why=why)
    return found


def settle(of: str, written: str) -> int:
    """Drop what is asked about rows that a list writes so, where a person decided whom the list means."""
    rows = WrittenRow.objects.filter(of=of).filter(
        Q(name=written) | Q(name="", code=written) | Q(name="", permit=written)
    )
    open_ = Pair.objects.filter(answer=None, back_at=None, question__isnull=False)
    ledger = open_.filter(Q(one__in=rows, other__of=LEDGER) | Q(other__in=rows, one__of=LEDGER))
    return ledger.delete()[0]


def _missing(
    found: Question, said: Mapping[int, int], met: Mapping[int, WrittenRow],
    ends: Mapping[frozenset[int | None], Pair],
) -> list[tuple[Answer, Pair]]:  # fmt: skip
    """Pairs by which those of one number hang together where the pairs that were asked about do not reach."""
    made = []
    for number in set(said.values()):
        alike = sorted(one for one in said if said[one] == number)
        joined = set(alike[:1])
        while len(joined) < len(alike):
            near = [one for one in alike if one not in joined and any(frozenset((one, two)) in ends for two in joined)]
            step = near[0] if near else next(one for one in alike if one not in joined)
            if not near:
                made.append((Answer.SAME, _between(found, met[alike[0]], met[step])))
            joined.add(step)
    return made


def _between(question: Question, one: WrittenRow, other: WrittenRow) -> Pair:
    low, high = sorted((one, other), key=lambda row: row.key)
    known = Pair.objects.filter(one=low, other=high, back_at=None).first()
    return known or Pair.objects.create(one=low, other=high, question=question, probability=0.0, asked_at=clock.now())


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
    moved = {each["row"]: each["source"] for each in one.moved if "row" in each}
    for each in one.moved:
        if "written" in each:
            reopen_firm(each["written"], user, one.back_why, origin=origin)
    if moved:
        _move_back(moved, user)
    asked = Question.objects.create(gain=one.probability, asked_at=clock.now())
    again = Pair.objects.create(
        one=one.one, other=one.other, question=asked, probability=one.probability, terms=one.terms, asked_at=clock.now()
    )
    rows = [one.one.key, one.other.key]
    log.write(AnswerTakenBack(id=one.pk, rows=rows, answer=Answer(one.answer).name), origin, why=one.back_why)
    return again


def _told_records(pair: Pair, user: User, origin: Origin, why: str) -> list[dict[str, int]]:
    """Say the same of the records of departments that ask about these very rows, so that nobody is asked twice."""
    source = Source.objects.select_related("enterprise").filter(rows=pair.one_id).first()
    if source is None or source.enterprise is None:
        return []
    found = []
    for row in source.rows.exclude(of=LEDGER):
        for written in written_as(user, row.of, {"name": row.name, "code": row.code, "permit": row.permit}):
            decide_firm(written.pk, user, source.enterprise.code, why, origin=origin)
            found.append({"written": written.pk})
    return found


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
