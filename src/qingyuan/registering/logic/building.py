"""Building the list of fixed sources out of the rows of lists, as a job (doors in `registering.api`)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import structlog
from django.db import transaction
from procrastinate.contrib.django import app

from qingyuan.kit import clock, log
from qingyuan.kit.log import Origin
from qingyuan.people.queries import User
from qingyuan.registering.events import BuildAsked, SourcesBuilt
from qingyuan.registering.logic.lists import Read, rows_of
from qingyuan.registering.logic.standing import Standing, placed, save, valued
from qingyuan.registering.logic.writing import keep_rows
from qingyuan.registering.models import Build, BuildState, ChangeKind, Pair, Question, Source, WrittenRow
from qingyuan.registering.queries import LEDGER
from qingyuan_science.linking import COLUMNS, Answer, Linking, asking, deduplicate

JOB, QUEUE = "registering.build", "asked"
AT_ONCE = 2_000  # rows written together
MATTERS = {LEDGER: 2.0, "penalties": 1.5, "judicial_cases": 1.5}
"""By list, how much it matters that its enterprise stands in the list once: what is done to it goes into one file."""
_log = structlog.get_logger("registering")

Decided = dict[tuple[str, str], Answer]


@transaction.atomic
def ask(user: User, lists: Sequence[str], origin: Origin) -> Build:
    """Let the list be built out of the ledger and some data lists."""
    build = Build.objects.create(lists=[LEDGER, *lists], asked_by=user, asked_at=clock.now())
    log.write(BuildAsked(id=build.pk, lists=build.lists), origin)
    app.configure_task(JOB, queue=QUEUE).defer(build_id=build.pk)
    return build


def compute(build_id: int) -> None:
    """Build the list; it ends done, or failed and saying why, and then everything stands as before."""
    build = Build.objects.get(pk=build_id)
    if build.state in (BuildState.DONE, BuildState.FAILED):
        return
    build.state = BuildState.RUNNING
    build.save(update_fields=["state"])
    try:
        with transaction.atomic():
            _build(build)
    except Exception as error:  # noqa: BLE001 the door of the job runner; the reason becomes a row
        _log.exception("list of sources not built", build=build_id)
        build.state, build.why = BuildState.FAILED, f"{type(error).__name__}: {error}"
    else:
        build.state = BuildState.DONE
    build.ended_at = clock.now()
    with transaction.atomic():
        build.save()
        log.write(SourcesBuilt(id=build.pk, state=build.state, counts=build.counts))


def _build(build: Build) -> None:
    rows = rows_of(build.asked_by, build.lists)
    build.read = dict(Counter(row.of for row in rows.values()))
    linking = deduplicate(table_of(rows), decided=decided(rows))
    written = _write(rows)
    counts = _stand(build, [[written[key] for key in keys] for keys in linking.clusters])
    counts |= _ask(linking, written)
    build.counts = counts | {"rows": len(rows), "sources": len(linking.clusters)}


def table_of(rows: Mapping[str, Read]) -> dict[str, list[Any]]:
    """Rows by columns, as they are linked."""
    columns = {name: [row.values.get(name) for row in rows.values()] for name in COLUMNS}
    return {**columns, "id": list(rows), "list": [row.of for row in rows.values()]}


def decided(rows: Mapping[str, Read]) -> Decided:
    """What persons said of pairs: here, and of ways of writing in data lists."""
    found: Decided = {
        (f"{LEDGER}:{row.decided}", key): Answer.SAME for key, row in rows.items() if row.decided is not None
    }
    for pair in Pair.objects.filter(answer__isnull=False, back_at=None).select_related("one", "other"):
        found[pair.one.key, pair.other.key] = Answer(pair.answer or 0)
    return found


def _write(rows: Mapping[str, Read]) -> dict[str, WrittenRow]:
    """Keep the rows; those of a way of writing that was known keep their number and source."""
    made = {
        key: WrittenRow(
            of=row.of, mark=row.mark, enterprise_id=row.enterprise, records=row.records,
            **{name: row.values.get(name) for name in ("lon", "lat")},
            **{name: row.values.get(name) or "" for name in ("name", "code", "permit", "address", "industry")},
        )
        for key, row in rows.items()
    }  # fmt: skip
    keep_rows(list(made.values()))
    return made


def _stand(build: Build, groups: Sequence[Sequence[WrittenRow]]) -> dict[str, int]:
    """Give every group its source, the one that had most of its rows before; say what changed."""
    standing = Standing(build)
    known = {one.pk: one for one in Source.objects.filter(until=None)}
    before = {row.pk: row.source_id for group in groups for row in group}
    owner = _owners(groups)
    order = precedence(build.lists)
    for at, group in enumerate(groups):
        came_from = {source for row in group if (source := before[row.pk]) is not None}
        found = known.get(owner.get(at, 0))
        kind = _kind(found, group, came_from, before)
        standing.take(found, group, valued(group, order), kind, others=sorted(came_from - {owner.get(at, 0)}))
    into: dict[int, set[int]] = defaultdict(set)
    for at, group in enumerate(groups):
        for row in group:
            into[before[row.pk] or 0].add(owner.get(at, 0))
    for one in set(known) - set(owner.values()):
        standing.end(known[one], sorted(into[one] - {0}))
    stood = set(WrittenRow.objects.exclude(source=None).values_list("pk", flat=True))
    WrittenRow.objects.filter(pk__in=stood - before.keys()).update(source=None)
    placed(standing.sources)
    return save(standing)


def precedence(lists: Iterable[str]) -> list[str]:
    """The lists in the order in which they are believed: the ledger, then as somebody named them."""
    return [LEDGER, *(one for one in lists if one != LEDGER)]


def _owners(groups: Sequence[Sequence[WrittenRow]]) -> dict[int, int]:
    """Which group goes on as which earlier source: the one with most of its rows; where two have as many, the first."""
    claims: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for at, group in enumerate(groups):
        had = Counter(row.source_id for row in group if row.source_id is not None)
        for source, rows in had.items():
            claims[source].append((-rows, at))
    owner: dict[int, int] = {}
    for source in sorted(claims, key=lambda one: (min(claims[one]), one)):
        free = [at for _, at in sorted(claims[source]) if at not in owner]
        if free:
            owner[free[0]] = source
    return owner


def _kind(
    found: Source | None, group: Sequence[WrittenRow], came_from: set[int], before: Mapping[int, int | None]
) -> ChangeKind | None:
    if found is None:
        return ChangeKind.PARTED if came_from else ChangeKind.NEW
    if len(came_from) > 1:
        return ChangeKind.JOINED
    return ChangeKind.CHANGED if any(before[row.pk] != found.pk for row in group) else None


def _ask(linking: Linking, written: Mapping[str, WrittenRow]) -> dict[str, int]:
    """Put what is worth it before people, in place of what nobody answered, and note the rest."""
    Pair.objects.filter(answer=None, back_at=None).delete()
    Question.objects.filter(pairs=None).delete()
    matters = {key: MATTERS[row.of] for key, row in written.items() if row.of in MATTERS}
    chosen = asking(linking, matters, apart=[key for key, row in written.items() if row.of == LEDGER])
    now = clock.now()
    made = Question.objects.bulk_create([Question(gain=one.gain, asked_at=now) for one in chosen.questions], AT_ONCE)
    of = {at: put for put, one in zip(made, chosen.questions, strict=True) for at in one.pairs}
    pairs = []
    for at in (*of, *chosen.noted.tolist()):
        one, other = (written[key] for key in linking.ids_of(at))
        told = {"probability": linking.probability(at), "terms": terms_of(linking, at), "asked_at": now}
        pairs.append(Pair(one=one, other=other, question=of.get(at), **told))
    Pair.objects.bulk_create(pairs, AT_ONCE)
    return {"asked": len(made), "noted": len(chosen.noted)}


def terms_of(linking: Linking, at: int) -> list[dict[str, Any]]:
    """The evidence of a pair as a row keeps it."""
    return [
        {"of": term.comparison, "weight": round(term.log_likelihood, 3), "zh": term.said.zh, "en": term.said.en}
        for term in linking.evidence(at)
    ]
