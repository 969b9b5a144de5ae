"""What the log says of raw segments, held against the segments."""

from collections.abc import Iterator

from django.db import connection

_WRONG = """
SELECT e.seq, e.subject, e.detail->>'segment_hash', encode(s.hash, 'hex')
FROM kit_entry e LEFT JOIN sensing_rawsegment s ON s.id::text = e.detail->>'id'
WHERE e.act = 'ReadingsAppended' AND encode(s.hash, 'hex') IS DISTINCT FROM e.detail->>'segment_hash'
ORDER BY e.seq
"""


def faults() -> Iterator[str]:
    """One sentence for each line that names a segment which is gone, or other than it says."""
    with connection.cursor() as cursor:
        cursor.execute(_WRONG)
        for number, subject, named, found in cursor.fetchall():
            if found is None:
                yield f"line {number} names raw {subject.replace('/', ' ')}, which is missing"
            else:
                yield f"line {number} names raw {subject.replace('/', ' ')} with hash {named}, found {found}"
