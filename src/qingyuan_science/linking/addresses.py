"""Addresses taken apart: divisions, town, road or village, number."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from qingyuan_science.linking.names import folded, leading_divisions, without_end
from qingyuan_science.linking.words import NUMERALS

_TOWN: Final = re.compile(r"^([\u4e00-\u9fff]{1,6}?)(街道办事处|街道办|街道|镇|乡)")
_ROAD: Final = re.compile(
    r"^.*?([\u4e00-\u9fffA-Z0-9]{1,9}?)(工业园区|工业园|产业园|开发区|园区|大道|路|街|巷|村|社区)"
)
_NO_DIVISION_BEFORE: Final = re.compile(r"镇|乡|大道|路|街|巷|村|社区")
_NUMBER: Final = re.compile(r"(\d+)(?:号|#|$)")
_DIRECTION: Final = re.compile(r"^[东南西北中][一二三四五六]?段")


@dataclass(frozen=True)
class Address:
    """An address taken apart; what is not said is empty.

    Parameters
    ----------
    divisions : tuple of str
        Province, city, county, as far as written, without 省, 市 and the like.
    town : str
        Town, township or street office, without 镇, 乡 or 街道.
    road : str
        Road, village or industrial park.
    number : str
        House number; the group of a village is none, for many stand in it.
    """

    divisions: tuple[str, ...]
    town: str
    road: str
    number: str


def address_of(text: str, known: Collection[str] = ()) -> Address:
    """Take an address apart.

    Parameters
    ----------
    text : str
        As somebody wrote it.
    known : collection of str
        Divisions that are known without 省, 市 or 区 too.

    Returns
    -------
    Address

    Examples
    --------
    >>> address_of("四川省成都市彭州市致和镇健康大道２２０号")
    Address(divisions=('四川', '成都', '彭州'), town='致和', road='健康大道', number='220')
    >>> address_of("致和街道 清洋村三组").road, address_of("致和街道 清洋村三组").number
    ('清洋村', '')
    """
    plain = re.sub(r"\([^()]*\)", "", folded(text))
    divisions, rest = leading_divisions(plain)
    while (bare := next((rest[:size] for size in (4, 3, 2) if rest[:size] in known), "")) and len(rest) > len(bare) + 2:
        if _NO_DIVISION_BEFORE.match(rest[len(bare) :]):
            break
        further, rest = leading_divisions(rest[len(bare) :])
        divisions = [*divisions, bare, *further]
    town = road = number = ""
    if match := _TOWN.match(rest):
        town, rest = match[1], rest[match.end() :]
    if match := _ROAD.match(rest):
        road, rest = match[1] + match[2], rest[match.end() :]
        if match := _DIRECTION.match(rest):
            road, rest = road + match[0], rest[match.end() :]
    if match := _NUMBER.search(rest.translate(NUMERALS)):
        number = match[1].lstrip("0")
    return Address(tuple(without_end(one) for one in divisions), town, road, number)
