"""Which factors of a source show as which at a station of water or air."""

from qingyuan_science.standards.factors import AMMONIA_NITROGEN, TOTAL_NITROGEN

COD, PERMANGANATE = "w01018", "w01019"
SULPHUR_DIOXIDE, NITROGEN_OXIDES, NITROGEN_DIOXIDE, SMOKE = "a21026", "a21002", "a21004", "a34013"

SHOWN_BY = {
    PERMANGANATE: (PERMANGANATE, COD),  # it sees a part of what COD sees
    AMMONIA_NITROGEN: (AMMONIA_NITROGEN, TOTAL_NITROGEN),  # the latter holds it
    NITROGEN_DIOXIDE: (NITROGEN_OXIDES, NITROGEN_DIOXIDE),
    "a34002": (SMOKE, "a34002"),  # PM10
    "a34004": (SMOKE, "a34004"),  # PM2.5
}
NOBODYS = ("a05024", "w01001", "w01009", "w01010")
"""Ozone, pH, dissolved oxygen and temperature: what lies between a source and them is more than a way."""


def shown_by(factor: str) -> tuple[str, ...]:
    """The factors of a source that may raise this one, the nearest first; none where no source is sought.

    Parameters
    ----------
    factor : str
        Code of what was seen.

    Returns
    -------
    tuple of str
    """
    return () if factor in NOBODYS else SHOWN_BY.get(factor, (factor,))
