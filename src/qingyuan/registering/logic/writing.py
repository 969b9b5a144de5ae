"""Rows of the list of fixed sources into the database, all at once: copied, then put in place by one statement each."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, models

from qingyuan.registering.models import Change, Source, WrittenRow

_WRITTEN = ("of", "mark", "enterprise_id", "name", "code", "permit", "address", "industry", "lon", "lat", "records")
_SOURCE = tuple(field.attname for field in Source._meta.concrete_fields)
_CHANGE = ("build_id", "source_id", "kind", "detail", "at", "by_id")


def keep_rows(rows: Sequence[WrittenRow]) -> None:
    """Enter rows; of a way of writing that is known the values are brought up to date. All get number and source."""
    kept = _names(_WRITTEN[2:])
    news = ", ".join(f'EXCLUDED."{name}"' for name in _WRITTEN[2:])
    olds = ", ".join(f'w."{name}"' for name in _WRITTEN[2:])
    with connection.cursor() as cursor:
        _stage(cursor, WrittenRow, ("id", *_WRITTEN), ([at, *_of(row, _WRITTEN)] for at, row in enumerate(rows)))
        cursor.execute(
            f"INSERT INTO {_table(WrittenRow)} AS w ({_names(_WRITTEN)})"  # noqa: S608 put together from constants
            f" SELECT {_names(_WRITTEN)} FROM registering_staging ORDER BY id ON CONFLICT (of, mark)"
            f" DO UPDATE SET ({kept}) = ({news}) WHERE ({olds}) IS DISTINCT FROM ({news})"
        )
        cursor.execute(
            f"SELECT s.id, w.id, w.source_id FROM registering_staging s JOIN {_table(WrittenRow)} w"  # noqa: S608
            " ON w.of = s.of AND w.mark = s.mark"
        )
        for at, number, source in cursor.fetchall():
            rows[at].pk, rows[at].source_id = number, source
            _entered(rows[at])


def enter_sources(sources: Sequence[Source]) -> None:
    """Enter new sources; they get their numbers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [Source._meta.db_table, len(sources)],
        )
        for one, (number,) in zip(sources, cursor.fetchall(), strict=True):
            one.pk = number
        _copy(cursor, _table(Source), _SOURCE, (_of(one, _SOURCE) for one in sources))
    for one in sources:
        _entered(one)


def change_sources(sources: Sequence[Source]) -> None:
    """Bring sources that are known up to date."""
    if not sources:
        return
    columns = [name for name in _SOURCE if name != "id"]
    values = ", ".join(f's."{name}"' for name in columns)
    with connection.cursor() as cursor:
        _stage(cursor, Source, _SOURCE, (_of(one, _SOURCE) for one in sources))
        cursor.execute(
            f"UPDATE {_table(Source)} AS k SET ({_names(columns)}) ="  # noqa: S608 put together from constants
            f" ({values}) FROM registering_staging s WHERE s.id = k.id"
        )


def move_rows(sources: Mapping[int, int]) -> None:
    """Give rows their sources, by numbers."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_table(WrittenRow)} AS w SET source_id = m.source"  # noqa: S608 put together from constants
            " FROM unnest(%s::bigint[], %s::bigint[]) AS m(id, source) WHERE w.id = m.id",
            [list(sources), list(sources.values())],
        )


def enter_changes(changes: Iterable[Change]) -> None:
    """Enter what became of sources."""
    with connection.cursor() as cursor:
        _copy(cursor, _table(Change), _CHANGE, (_of(one, _CHANGE) for one in changes))


def _stage(cursor: Any, model: type[models.Model], columns: Sequence[str], rows: Iterable[list[Any]]) -> None:
    """Rows for a statement that follows in the same transaction, in a table of the same columns."""
    cursor.execute("DROP TABLE IF EXISTS registering_staging")
    cursor.execute(
        f"CREATE TEMPORARY TABLE registering_staging ON COMMIT DROP AS"  # noqa: S608 put together from constants
        f" SELECT {_names(columns)} FROM {_table(model)} WITH NO DATA"
    )
    _copy(cursor, "registering_staging", columns, rows)
    cursor.execute("ANALYZE registering_staging")


def _copy(cursor: Any, table: str, columns: Sequence[str], rows: Iterable[list[Any]]) -> None:
    with cursor.copy(f"COPY {table} ({_names(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _of(row: models.Model, columns: Sequence[str]) -> list[Any]:
    values = (getattr(row, name) for name in columns)
    return [json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value for value in values]


def _entered(row: models.Model) -> None:
    row._state.adding, row._state.db = False, connection.alias


def _table(model: type[models.Model]) -> str:
    return f'"{model._meta.db_table}"'


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)
