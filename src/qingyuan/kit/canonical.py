"""One text for one value: what is hashed, so that it can be hashed again from what the database gives back."""

import json
from typing import Any

_LARGE = 1e16  # from here on Python writes a float with an exponent


def text(value: Any) -> str:
    """The value as JSON with sorted names, without spaces, numbers as PostgreSQL's `jsonb` gives them back."""
    found = _dumped(value)
    return _dumped(_plain(value)) if "e+" in found or "-0.0" in found else found


def _dumped(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _plain(value: Any) -> Any:
    """`jsonb` writes large floats out in digits, and knows no negative zero."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) >= _LARGE else value + 0.0
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
