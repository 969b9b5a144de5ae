"""Codes of enterprises as lists carry them: whether their check letters fit, and which say the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.standards.sourced import tables_of

CREDIT, ORGANISATION = 18, 9
_FILE: Final = "codes/codes"


@dataclass(frozen=True)
class Identities:
    """Codes of n records.

    Parameters
    ----------
    letters : int8 array, shape (n, 18)
        Places in the alphabet of the standard, -1 where there is no letter or one that it does not use; an
        organisation code stands where a credit code has it.
    written : list of str
        The code as compared: without blanks and hyphens, in capitals; of the permit's holder where only that is known.
    valid : bool array, shape (n,)
        Whether the check letter fits.
    organisation : list of str
        The nine letters of the organisation, of valid codes only.
    short : bool array, shape (n,)
        Whether only an organisation code is given.
    """

    letters: NDArray[np.int8]
    written: list[str]
    valid: NDArray[np.bool_]
    organisation: list[str]
    short: NDArray[np.bool_]


def identities(codes: Sequence[str], permits: Sequence[str]) -> Identities:
    """Read the codes of records.

    Parameters
    ----------
    codes : sequence of str
        Unified social credit codes, or organisation codes of nine letters; empty where missing.
    permits : sequence of str
        Permits; their first 18 letters stand in where the code is missing.

    Returns
    -------
    Identities

    Source
    ------
    GB 32100-2015, GB 11714-1997; HJ 608-2017, annex A.
    """
    written = [_plain(code) or _plain(permit)[:CREDIT] for code, permit in zip(codes, permits, strict=True)]
    (credit,), (organisation,) = tables_of(_FILE, "credit"), tables_of(_FILE, "organisation")
    letters = np.full((len(written), CREDIT), -1, dtype=np.int8)
    places = {letter: at for at, letter in enumerate(credit.more["alphabet"])}
    for row, code in enumerate(written):
        start = 8 if len(code) == ORGANISATION else 0
        for at, letter in enumerate(code[: CREDIT - start], start):
            letters[row, at] = places.get(letter, -1)
    size = np.array([len(code) for code in written], dtype=np.int64)
    valid = (size == CREDIT) & _credit_fits(letters, credit.rows[0])
    short = size == ORGANISATION
    for row in np.flatnonzero(short).tolist():
        valid[row] = _organisation_fits(written[row], organisation.rows[0], organisation.more["alphabet"])
    found = [
        "" if not ok else code[8:17] if len(code) == CREDIT else code for code, ok in zip(written, valid, strict=True)
    ]
    return Identities(letters, written, valid, found, short)


def _plain(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter.isalnum())


def _credit_fits(letters: NDArray[np.int8], row: dict[str, object]) -> NDArray[np.bool_]:
    weights, modulus = np.array(row["weights"]), int(str(row["modulus"]))
    total = letters[:, :-1].astype(np.int64) @ weights
    return np.asarray((letters >= 0).all(axis=1) & ((modulus - total % modulus) % modulus == letters[:, -1]))


def _organisation_fits(code: str, row: dict[str, object], alphabet: str) -> bool:
    weights = row["weights"]
    if any(letter not in alphabet for letter in code[:8]) or not isinstance(weights, list):
        return False
    modulus = int(str(row["modulus"]))
    rest = (
        modulus - sum(alphabet.index(letter) * weight for letter, weight in zip(code, weights, strict=False)) % modulus
    )
    return code[8] == ({10: str(row["ten"]), modulus: "0"}.get(rest) or str(rest))
