"""Codes of permits, of outlets and facilities inside a site, and of river and sea outfalls."""

import re
from dataclasses import dataclass

from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.codes.credit import CreditCode, credit_code, plain
from qingyuan_science.standards.codes.divisions import Division, division
from qingyuan_science.standards.errors import BadCode
from qingyuan_science.standards.sourced import row_source, tables_of

_FILE = "codes/codes"
_OUTFALL = re.compile(r"([A-Z]{1,4}\d{0,3}[A-Z]*)-(\d{6})-(\d{4})-([A-Z]{2})-(\d{2})")


@dataclass(frozen=True)
class PermitCode:
    """The code of a permit or a registration taken apart.

    Parameters
    ----------
    code : str
    holder : CreditCode or None
        The firm; None under the trial rule, for units without a credit code.
    place : Division or None
        Division, under the trial rule.
    site : int
        Which site of the firm it is.
    flag : str
        The last letter.
    name : Text
        What the flag says.
    sources : tuple of Source
    """

    code: str
    holder: CreditCode | None
    place: Division | None
    site: int
    flag: str
    name: Text
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class OutletCode:
    """The code of an outlet or facility taken apart.

    Parameters
    ----------
    code, prefix : str
    number : int
    name : Text
        What the prefix says.
    source : Source
    """

    code: str
    prefix: str
    number: int
    name: Text
    source: Source


@dataclass(frozen=True)
class OutfallCode:
    """The code of a river or sea outfall taken apart.

    Parameters
    ----------
    code, water : str
        The code, and its letters for the water body.
    place : Division
    sequence : int
    kind, suffix : str
    source : Source
    """

    code: str
    water: str
    place: Division
    sequence: int
    kind: str
    suffix: str
    source: Source


def permit_code(text: str) -> PermitCode:
    """Check the code of a permit or registration and take it apart.

    Parameters
    ----------
    text : str
        22 letters: credit code, three digits, flag. Under the trial rule H9, division, organisation code or zeros and a
        number, and a small letter.

    Returns
    -------
    PermitCode

    Raises
    ------
    BadCode
        Says which part is wrong.

    Source
    ------
    HJ 608-2017, annex A. The last letter is a flag and no check letter.

    Examples
    --------
    >>> found = permit_code("91110000802100433B001P")
    >>> found.site, found.name.en
    (1, 'permit')
    """
    code = "".join(text.split())
    (trial,) = tables_of(_FILE, "trial")
    (row,) = trial.rows
    if code.startswith(row["prefix"]) and len(code) == 18:
        return _trial_code(code)
    code = plain(text)
    if len(code) != 22:
        raise BadCode(
            Text(f"许可证编号：为 {len(code)} 位，应为 22 位", f"permit: found {len(code)} letters, expected 22")
        )
    holder = credit_code(code[:18])
    if not (code[18:21].isascii() and code[18:21].isdigit()):
        raise BadCode(
            Text(
                f"许可证编号：顺序号为 {code[18:21]!r}，应为 3 位数字",
                f"permit: found the site {code[18:21]!r}, expected three digits",
            )
        )
    for table in tables_of(_FILE, "permit"):
        for flag in table.rows:
            if flag["flag"] == code[21]:
                name = Text(*flag["name"])
                return PermitCode(
                    code, holder, None, int(code[18:21]), code[21], name, (row_source(table, flag), *holder.sources[:1])
                )
    raise BadCode(
        Text(
            f"许可证编号：末位为 {code[21]}，应为 P、X、Y、Z、W 之一",
            f"permit: found the flag {code[21]}, expected one of: P, X, Y, Z, W",
        )
    )


def make_permit_code(holder: str, site: int, flag: str = "P") -> str:
    """Put the code of a permit together.

    Parameters
    ----------
    holder : str
        Credit code of the firm.
    site : int
        Which site it is, 1 to 999.
    flag : str

    Returns
    -------
    str

    Raises
    ------
    BadCode
        A part is wrong.

    Examples
    --------
    >>> make_permit_code("91110000802100433B", 2)
    '91110000802100433B002P'
    """
    if not 1 <= site <= 999:
        raise BadCode(Text(f"顺序号：{site}，应为 1~999", f"site: found {site}, expected 1 to 999"))
    return permit_code(f"{plain(holder)}{site:03d}{flag}").code


def outlet_code(text: str) -> OutletCode:
    """Check the code of an outlet or facility and take it apart.

    Parameters
    ----------
    text : str
        Such as DW001 or DA002.

    Returns
    -------
    OutletCode

    Raises
    ------
    BadCode
        The letters are none of the rule, or the digits too many or few.

    Source
    ------
    HJ 608-2017.

    Examples
    --------
    >>> outlet_code("da012").name.en, outlet_code("DA012").number
    ('waste gas outlet', 12)
    """
    code = plain(text)
    (table,) = tables_of(_FILE, "outlets")
    for row in table.rows:
        digits = code[2:]
        if code[:2] == row["prefix"]:
            if len(digits) != row["digits"] or not (digits.isascii() and digits.isdigit()) or not int(digits):
                raise BadCode(
                    Text(
                        f"排放口编码 {code}:{digits!r}，应为 {row['digits']} 位数字",
                        f"outlet {code}: found {digits!r}, expected {row['digits']} digits above nought",
                    )
                )
            return OutletCode(code, code[:2], int(digits), Text(*row["name"]), row_source(table, row))
    raise BadCode(
        Text(
            f"排放口编码：{code[:2]!r}，应为 {'、'.join(row['prefix'] for row in table.rows)} 之一",
            f"outlet: found {code[:2]!r}, expected one of: {', '.join(row['prefix'] for row in table.rows)}",
        )
    )


def make_outlet_code(prefix: str, number: int) -> str:
    """Put the code of an outlet together.

    Parameters
    ----------
    prefix : str
        Such as DW or DA.
    number : int
        From 1 on.

    Returns
    -------
    str

    Raises
    ------
    BadCode
        The prefix is unknown or the number does not fit its digits.

    Examples
    --------
    >>> make_outlet_code("DW", 1), make_outlet_code("MF", 12)
    ('DW001', 'MF0012')
    """
    (table,) = tables_of(_FILE, "outlets")
    digits = next((row["digits"] for row in table.rows if row["prefix"] == prefix.upper()), 3)
    return outlet_code(f"{prefix}{number:0{digits}d}").code


def outfall_code(text: str) -> OutfallCode:
    """Take the code of a river or sea outfall apart, as sign boards show it.

    Parameters
    ----------
    text : str
        Such as FXX-420106-0001-GY-00.

    Returns
    -------
    OutfallCode
        Codes are never made here: the rule itself was not at hand.

    Raises
    ------
    BadCode
        It does not look like one, or its division is none.

    Source
    ------
    HJ 1235-2021; the parts were read off sign boards.

    Examples
    --------
    >>> found = outfall_code("FXX-420106-0001-GY-00")
    >>> found.place.province.en, found.sequence
    ('Hubei', 1)
    """
    code = "".join(text.split()).upper()
    match = _OUTFALL.fullmatch(code)
    if match is None or not code.isascii():
        raise BadCode(
            Text(
                f"排污口编码：{text!r}，应形如 FXX-420106-0001-GY-00",
                f"outfall: found {text!r}, expected a form such as FXX-420106-0001-GY-00",
            )
        )
    water, place, sequence, kind, suffix = match.groups()
    (table,) = tables_of(_FILE, "outfall")
    return OutfallCode(code, water, division(place), int(sequence), kind, suffix, table.source)


def _trial_code(code: str) -> PermitCode:
    (table,) = tables_of(_FILE, "trial")
    (row,) = table.rows
    place, body, letter = division(code[2:8]), code[8:17], code[17]
    if letter not in row["letters"]:
        raise BadCode(
            Text(
                f"编号 {code}：末位为 {letter!r}，应为 o、i 以外的小写字母",
                f"permit {code}: found the last letter {letter!r}, expected a small letter other than o and i",
            )
        )
    if not (body.isascii() and body.isalnum()):
        raise BadCode(
            Text(
                f"编号 {code}:{body!r}，应为 9 位字母或数字",
                f"permit {code}: found {body!r}, expected nine letters or digits",
            )
        )
    name = Text("无统一社会信用代码的排污单位（试行）", "unit without a credit code, under the trial rule")
    return PermitCode(code, None, place, 1, letter, name, (table.source,))
