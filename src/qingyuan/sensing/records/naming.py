"""Names of firms as people write them, brought to what makes them the same."""

import re
from functools import lru_cache
from unicodedata import normalize

_LEFT_OUT = re.compile(r"[\s·・.,,。、\"'“”‘’\-—_()()\[\]【】<>《》]+")


@lru_cache(maxsize=262_144)
def plain_name(name: str) -> str:
    """A name without what people write now so, now otherwise: width, case, blanks, brackets, punctuation."""
    return _LEFT_OUT.sub("", normalize("NFKC", name).casefold())
