"""The unified social credit code of a firm, with the organisation code inside it."""

from dataclasses import dataclass

from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.codes.divisions import Division, division
from qingyuan_science.standards.errors import BadCode
from qingyuan_science.standards.sourced import SourcedTable, tables_of

_FILE = "codes/codes"
LENGTH, ORGANISATION_LENGTH = 18, 9


@dataclass(frozen=True)
class CreditCode:
    """A unified social credit code taken apart.

    Parameters
    ----------
    code : str
        The 18 letters.
    registry : Text or None
        Who registered it; None for a letter that is not known.
    category : str
        Class within the registry.
    division : Division or None
        Where it was registered; None for digits that are no division.
    organisation : str
        The nine letters of the organisation code.
    organisation_fits : bool
        Whether their own check letter fits; some real codes carry none that does.
    check : str
        The last letter.
    sources : tuple of Source
    """

    code: str
    registry: Text | None
    category: str
    division: Division | None
    organisation: str
    organisation_fits: bool
    check: str
    sources: tuple[Source, ...]


def credit_code(text: str) -> CreditCode:
    """Check a unified social credit code and take it apart.

    Parameters
    ----------
    text : str
        The code; blanks, hyphens and small letters are taken as people write them.

    Returns
    -------
    CreditCode

    Raises
    ------
    BadCode
        Length, a letter or the check letter is wrong; says what was found and expected.

    Source
    ------
    GB 32100-2015.

    Examples
    --------
    >>> credit_code("91110000802100433B").organisation
    '802100433'
    """
    code = plain(text)
    if len(code) != LENGTH:
        raise BadCode(
            Text(
                f"统一社会信用代码：为 {len(code)} 位，应为 {LENGTH} 位",
                f"credit code: found {len(code)} letters, expected {LENGTH}",
            )
        )
    expected = credit_check(code[:-1])
    if code[-1] != expected:
        raise BadCode(
            Text(
                f"统一社会信用代码 {code}：校验码为 {code[-1]}，应为 {expected}",
                f"credit code {code}: found the check letter {code[-1]}, expected {expected}",
            )
        )
    registries = _table("registries")
    registry = next((Text(*row["name"]) for row in registries.rows if row["letter"] == code[0]), None)
    organisation = code[8:17]
    return CreditCode(
        code=code,
        registry=registry,
        category=code[1],
        division=_division(code[2:8]),
        organisation=organisation,
        organisation_fits=organisation_check(organisation[:8]) == organisation[8],
        check=code[-1],
        sources=(_table("credit").source, registries.source),
    )


def credit_check(body: str) -> str:
    """Compute the check letter of the first 17 letters of a code.

    Parameters
    ----------
    body : str

    Returns
    -------
    str

    Raises
    ------
    BadCode
        Not 17 letters, or one that the code does not use (I, O, S, V and Z).

    Source
    ------
    GB 32100-2015: (31 - Σ value × weight mod 31) mod 31.

    Examples
    --------
    >>> credit_check("91110000802100433")
    'B'
    """
    table = _table("credit")
    total = _weighted(body, table, Text("统一社会信用代码", "credit code"))
    modulus = table.rows[0]["modulus"]
    return str(table.more["alphabet"][(modulus - total % modulus) % modulus])


def make_credit_code(registry: str, category: str, place: str, organisation: str) -> str:
    """Put a code together.

    Parameters
    ----------
    registry, category : str
        One letter each.
    place : str
        Division of six digits.
    organisation : str
        Organisation code of nine letters.

    Returns
    -------
    str
        With its check letter.

    Raises
    ------
    BadCode
        A part has the wrong length or letters.

    Examples
    --------
    >>> make_credit_code("9", "1", "110000", "802100433")
    '91110000802100433B'
    """
    body = plain(registry + category + place + organisation)
    return body + credit_check(body)


def organisation_check(body: str) -> str:
    """Compute the check letter of the first eight letters of an organisation code.

    Parameters
    ----------
    body : str

    Returns
    -------
    str
        A digit, or X for ten.

    Raises
    ------
    BadCode
        Not eight letters or digits.

    Source
    ------
    GB 11714-1997: 11 - Σ value × weight mod 11. Recalled, and met by published codes of firms.

    Examples
    --------
    >>> organisation_check("80210043")
    '3'
    """
    table = _table("organisation")
    (row,) = table.rows
    rest = row["modulus"] - _weighted(body, table, Text("组织机构代码", "organisation code")) % row["modulus"]
    return {10: row["ten"], row["modulus"]: "0"}.get(rest) or str(rest)


def organisation_code(text: str) -> str:
    """Check an organisation code.

    Parameters
    ----------
    text : str
        Nine letters, a hyphen before the last or not.

    Returns
    -------
    str
        Without hyphen.

    Raises
    ------
    BadCode
        Length, a letter or the check letter is wrong.

    Examples
    --------
    >>> organisation_code("80210043-3")
    '802100433'
    """
    code = plain(text)
    if len(code) != ORGANISATION_LENGTH:
        raise BadCode(
            Text(
                f"组织机构代码：为 {len(code)} 位，应为 {ORGANISATION_LENGTH} 位",
                f"organisation code: found {len(code)} letters, expected {ORGANISATION_LENGTH}",
            )
        )
    expected = organisation_check(code[:-1])
    if code[-1] != expected:
        raise BadCode(
            Text(
                f"组织机构代码 {code}：校验码为 {code[-1]}，应为 {expected}",
                f"organisation code {code}: found the check letter {code[-1]}, expected {expected}",
            )
        )
    return code


def organisation_source() -> Source:
    """Name the rule of the organisation code."""
    return _table("organisation").source


def plain(text: str) -> str:
    """A code as the rules write it: without blanks and hyphens, in capitals."""
    return "".join(text.split()).replace("-", "").upper()


def _weighted(body: str, table: SourcedTable, name: Text) -> int:
    alphabet, weights = table.more["alphabet"], table.rows[0]["weights"]
    strange = [letter for letter in body if letter not in alphabet]
    if strange:
        raise BadCode(
            Text(
                f"{name.zh}：含有 {'、'.join(strange)}，只应使用 {alphabet}",
                f"{name.en}: found {', '.join(strange)}, expected letters of {alphabet}",
            )
        )
    if len(body) != len(weights):
        raise BadCode(
            Text(
                f"{name.zh}：校验码前为 {len(body)} 位，应为 {len(weights)} 位",
                f"{name.en}: found {len(body)} letters before the check letter, expected {len(weights)}",
            )
        )
    return sum(alphabet.index(letter) * weight for letter, weight in zip(body, weights, strict=True))


def _division(digits: str) -> Division | None:
    try:
        return division(digits)
    except BadCode:
        return None


def _table(holds: str) -> SourcedTable:
    return tables_of(_FILE, holds)[0]
