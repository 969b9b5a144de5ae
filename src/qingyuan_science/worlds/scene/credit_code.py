"""Unified social credit codes with correct check digits, in a range that belongs to nobody."""

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_BODY_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def check_digit(first_17: str) -> str:
    """Compute the last character of a unified social credit code.

    Parameters
    ----------
    first_17 : str
        The seventeen characters before it.

    Returns
    -------
    str
        One character.

    Source
    ------
    GB 32100-2015, 5.5 and annex A: weights 3 to the power of the place, modulus 31, alphabet without I, O, S, V, Z.

    Examples
    --------
    >>> check_digit("91350100M000100Y4")
    '3'
    """
    total = sum(_ALPHABET.index(letter) * weight for letter, weight in zip(first_17, _WEIGHTS, strict=True))
    return _ALPHABET[-total % 31]


def organisation_check_digit(body: str) -> str:
    """Compute the ninth character of an organisation code, which is characters 9 to 17 of a credit code.

    Parameters
    ----------
    body : str
        The eight characters before it.

    Returns
    -------
    str
        A figure, or X for ten.

    Source
    ------
    GB 11714-1997, 3.2: weights 3 7 9 10 5 8 4 2, modulus 11.

    Examples
    --------
    >>> organisation_check_digit("D2143569")
    'X'
    """
    total = sum(_BODY_ALPHABET.index(letter) * weight for letter, weight in zip(body, _BODY_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def credit_code(division: str, serial: int) -> str:
    """Write the credit code of an invented enterprise.

    Parameters
    ----------
    division : str
        Six digits.
    serial : int
        0 to 999.

    Returns
    -------
    str
        Eighteen characters: department 9 (market regulation), kind 1 (enterprise), division, organisation code, check.

    Examples
    --------
    >>> credit_code("990101", 1)[:8]
    '91990101'
    """
    body = f"MA99Q{serial:03d}"
    first = f"91{division}{body}{organisation_check_digit(body)}"
    return first + check_digit(first)
