"""Names of enterprises taken apart, as the rules of naming put them together."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from qingyuan_science.linking.words import BRANCHES, BUSINESS, FORMS, NO_REGION
from qingyuan_science.standards.sourced import tables_of

_NOISE: Final = re.compile(r"[\s·•.,，。、:：;；'\"“”‘’《》<>_\-—/\\|*#]+")
_FORMER: Final = re.compile(r"\((?:原|曾用名|原名)[:]?([^()]*)\)")
_BRACKETS: Final = re.compile(r"\(([^()]*)\)")
_DIVISION: Final = re.compile(r"([\u4e00-\u9fff]{2,7}?(?:自治区|自治州|自治县)|[\u4e00-\u9fff]{2,4}?[省市区县旗])")
_ENDS: Final = ("特别行政区", "自治区", "自治州", "自治县", "省", "市", "区", "县", "旗", "镇", "乡", "街道")
_FORM: Final = re.compile("(?:" + "|".join(sorted(FORMS, key=len, reverse=True)) + ")$")
_BRANCH: Final = re.compile(
    r"^(.{2,}?(?:公司|集团|厂|医院|合作社))(.{0,12}?(?:" + "|".join(BRANCHES) + r"|[一二三四五六七八九十\d]厂))$"
)
_LOOSE: Final = re.compile(r"^(.{4,}?)((?:第[一二三四五六七八九十\d]{1,2})?(?:分公司|支公司|分厂|分店))$")
_BUSINESS: Final = frozenset(BUSINESS)
_SIZES: Final = tuple(sorted({len(word) for word in BUSINESS}, reverse=True))


@dataclass(frozen=True)
class EnterpriseName:
    """A name taken apart.

    Parameters
    ----------
    text : str
        The whole name with full-width letters, blanks and signs made alike.
    regions : tuple of str
        Divisions at its beginning or in brackets, without 省, 市, 区 and the like.
    core : str
        The trade name (字号).
    business : str
        Words of trade and business.
    form : str
        A value of `qingyuan_science.linking.words.FORMS`, or nothing.
    ending : str
        The form as it was written.
    branch : str
        What says that a branch is meant, such as 彭州分公司, or nothing.
    """

    text: str
    regions: tuple[str, ...]
    core: str
    business: str
    form: str
    ending: str
    branch: str


def folded(text: str) -> str:
    """Make full-width letters, brackets, blanks and signs alike.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> folded("兴达 化工（成都）有限公司")
    '兴达化工(成都)有限公司'
    """
    plain = unicodedata.normalize("NFKC", text).upper().replace("[", "(").replace("]", ")")
    return _NOISE.sub("", plain.replace("【", "(").replace("】", ")").replace("〔", "(").replace("〕", ")"))


@cache
def provinces() -> frozenset[str]:
    """The provinces, as GB/T 2260 has them, without what they end with.

    Returns
    -------
    frozenset of str
    """
    (table,) = tables_of("codes/codes", "provinces")
    return frozenset(without_end(row["name"][0]) for row in table.rows)


def without_end(division: str) -> str:
    """A division without 省, 市, 区, 县 and the like.

    Parameters
    ----------
    division : str

    Returns
    -------
    str

    Examples
    --------
    >>> without_end("彭州市"), without_end("四川省")
    ('彭州', '四川')
    """
    for end in _ENDS:
        if division.endswith(end) and len(division) - len(end) >= 2:
            return division[: -len(end)]
    return division


def leading_divisions(text: str) -> tuple[list[str], str]:
    """Divisions that a folded name or address begins with, written with 省, 市, 区, 县; and what follows.

    Parameters
    ----------
    text : str

    Returns
    -------
    (list of str, str)

    Examples
    --------
    >>> leading_divisions("四川省成都市锦江区东大街9号")
    (['四川省', '成都市', '锦江区'], '东大街9号')
    """
    found: list[str] = []
    while len(found) < 4 and (match := _DIVISION.match(text)):
        word = match[1]
        if word.endswith(NO_REGION):
            break
        found.append(word)
        text = text[match.end() :]
    return found, text


class Gazetteer:
    """Names of divisions as the addresses of some tables use them, so that they are known without 市 or 区 too.

    Parameters
    ----------
    addresses : iterable of str
        Folded addresses.
    least : int
        How often a division must be met. [1]
    """

    def __init__(self, addresses: Iterable[str], least: int = 3) -> None:
        seen: Counter[str] = Counter()
        chains: set[tuple[str, ...]] = set()
        for address in addresses:
            chain = tuple(without_end(one) for one in leading_divisions(address)[0])
            seen.update(chain)
            chains.add(chain)
        self.names = provinces() | {name for name, count in seen.items() if count >= least}
        self.within = {(low, high) for chain in chains for at, low in enumerate(chain) for high in chain[:at]}

    def compatible(self, one: tuple[str, ...], other: tuple[str, ...]) -> bool | None:
        """Whether divisions named twice can be one place; None where nothing is named on a side.

        Parameters
        ----------
        one, other : tuple of str

        Returns
        -------
        bool or None
        """
        if not one or not other:
            return None
        low, high = one[-1], other[-1]
        return low in other or high in one or (low, high) in self.within or (high, low) in self.within


def taken_apart(text: str, gazetteer: Gazetteer) -> EnterpriseName:
    """Take the name of an enterprise apart.

    Parameters
    ----------
    text : str
        As somebody wrote it. A former name in brackets, (原…), is left out.
    gazetteer : Gazetteer

    Returns
    -------
    EnterpriseName

    Source
    ------
    企业名称登记管理规定 (2020), articles 6 and 13.

    Examples
    --------
    >>> name = taken_apart("成都市兴达化工有限责任公司彭州分公司", Gazetteer([]))
    >>> name.regions, name.core, name.business, name.form, name.branch
    (('成都',), '兴达', '化工', 'company', '彭州分公司')
    """
    whole = folded(text)
    rest = _FORMER.sub("", whole)
    regions: list[str] = []
    for inside in _BRACKETS.findall(rest):
        if (bare := without_end(inside)) in gazetteer.names or _DIVISION.fullmatch(inside):
            regions.append(bare)
            rest = rest.replace(f"({inside})", "")
    rest = rest.replace("(", "").replace(")", "")
    branch = ""
    if (match := _BRANCH.match(rest) or _LOOSE.match(rest)) and not rest.endswith(match[1]):
        rest, branch = match[1], match[2]
    ahead, rest = _regions_ahead(rest, gazetteer)
    ending = match[0] if (match := _FORM.search(rest)) and match.start() >= 1 else ""
    rest = rest[: len(rest) - len(ending)]
    core, business = _business_behind(rest)
    return EnterpriseName(whole, (*ahead, *regions), core, business, FORMS.get(ending, ""), ending, branch)


def _regions_ahead(text: str, gazetteer: Gazetteer) -> tuple[list[str], str]:
    found: list[str] = []
    while True:
        for size in (4, 3, 2):
            if text[:size] in gazetteer.names and len(text) - size >= 3:
                word, end = text[:size], next((e for e in _ENDS if text[size:].startswith(e)), "")
                text = text[size + len(end) :] if len(text) - size - len(end) >= 2 else text[size:]
                found.append(word)
                break
        else:
            match = _DIVISION.match(text)
            if not match or match[1].endswith(NO_REGION) or len(text) - match.end() < 3 or len(found) >= 4:
                return found, text
            found.append(without_end(match[1]))
            text = text[match.end() :]


def _business_behind(text: str) -> tuple[str, str]:
    """The trade name, and words of business behind it; at least two letters stay a trade name."""
    core = text
    while True:
        size = next((size for size in _SIZES if len(core) - size >= 2 and core[-size:] in _BUSINESS), 0)
        if not size:
            return core, text[len(core) :]
        core = core[:-size]
