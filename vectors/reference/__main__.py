"""A second implementation of the calculations, written from the standards for the vectors alone.

It shares no code with Qingyuan's library and favours being read over being fast: fractions instead of binary numbers,
one function a topic, tables beside it in ``tables.json``. Only Python's standard library is needed. It speaks the
line protocol of the vectors: a line ``{"topic": …, "given": …}`` on standard input, a line ``{"result": …}``,
``{"refused": …}`` or ``{"unsupported": true}`` on standard output.
"""

import json
import sys
from decimal import Decimal
from fractions import Fraction

import air  # noqa: F401  (each registers its topics)
import emissions  # noqa: F401
import enterprises  # noqa: F401
import noise_and_codes  # noqa: F401
import packets  # noqa: F401
import procedure  # noqa: F401
import water  # noqa: F401
from asking import TOPICS, Refused


def plain(value: object) -> object:
    """Write a fraction as JSON can."""
    if isinstance(value, Fraction | Decimal):
        return int(value) if value == int(value) else float(value)
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def reply(line: str) -> dict[str, object]:
    asked = json.loads(line, parse_float=Decimal)
    function = TOPICS.get(asked["topic"])
    if function is None:
        return {"unsupported": True}
    try:
        return {"result": plain(function(asked["given"]))}
    except Refused as refused:
        return {"refused": str(refused)}
    except (KeyError, TypeError, AttributeError, ArithmeticError, ValueError) as error:
        return {"refused": f"the question is not of the form asked for: {error!r}"}


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(reply(line), ensure_ascii=False) + "\n")
        sys.stdout.flush()
