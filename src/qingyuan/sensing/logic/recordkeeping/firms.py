"""Which enterprise a record names: exactly, as a person once decided, or perhaps."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from qingyuan.kit import clock
from qingyuan.places.queries import Enterprise, Permit, known_now
from qingyuan.sensing.models import DataList, MatchedBy, WrittenFirm
from qingyuan.sensing.records.naming import plain_name
from qingyuan_science.linking import Term
from qingyuan_science.standards import StandardsError
from qingyuan_science.standards.codes.credit import credit_code, organisation_code

LONGEST_WRITTEN, LONGEST_NAME = 400, 200


@dataclass(frozen=True)
class Written:
    """How a record writes its enterprise; what it does not say is empty."""

    code: str = ""
    permit: str = ""
    name: str = ""
    address: str = ""
    person: str = ""
    phone: str = ""
    industry: str = ""
    lon: str = ""
    lat: str = ""

    @property
    def key(self) -> str:
        """What makes it the same way of writing, in whatever delivery."""
        return f"{self.code}|{self.permit}|{plain_name(self.name)}"[:LONGEST_WRITTEN]


@dataclass(frozen=True)
class Firm:
    """An enterprise on file, as far as records can name it."""

    id: int
    code: str
    names: tuple[str, ...]
    address: str
    permits: tuple[str, ...] = ()
    industry: str = ""
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class Candidate:
    """An enterprise that a record may mean, from 0 to 1 how likely, and why, in the terms of the linker."""

    enterprise: int
    score: float
    terms: tuple[Term, ...]

    def as_json(self) -> dict[str, Any]:
        """The candidate as a row keeps it."""
        told = [
            {"what": term.comparison, "weight": round(term.log_likelihood, 3), "zh": term.said.zh, "en": term.said.en}
            for term in self.terms
        ]
        return {"enterprise": self.enterprise, "score": round(self.score, 3), "terms": told}


Found = tuple[int | None, int | None, bool]
"""An enterprise, how it was found, and whether it is still to be asked for."""

NOBODY: Found = (None, None, False)
ASK: Found = (None, None, True)


@dataclass
class Firms:
    """The enterprises on file, by all that is exact."""

    known: dict[int, Firm]
    by_code: dict[str, int] = field(default_factory=dict)
    by_organisation: dict[str, int] = field(default_factory=dict)
    by_permit: dict[str, int] = field(default_factory=dict)
    by_name: dict[str, set[int]] = field(default_factory=dict)
    decided: dict[str, int | None] = field(default_factory=dict)

    @classmethod
    def of(cls, data_list: DataList) -> "Firms":
        """All enterprises, and what people decided of this list; by three queries."""
        found = cls({one.id: one for one in _on_file()})
        for one in found.known.values():
            found.by_code[one.code] = one.id
            found.by_organisation[one.code[8:17]] = one.id
            found.by_permit.update(dict.fromkeys(one.permits, one.id))
            for name in one.names:
                found.by_name.setdefault(plain_name(name), set()).add(one.id)
        rows = WrittenFirm.objects.filter(of=data_list, decided_at__isnull=False)
        found.decided = dict(rows.values_list("written", "enterprise"))
        return found

    def find(self, written: Written) -> Found:
        """The enterprise that is meant, and by what; or whether candidates are to be looked for."""
        if self.decided and written.key in self.decided:
            return self.decided[written.key], MatchedBy.PERSON, False
        whole = _whole_code(written.code)
        by_code = self.by_code.get(whole) or self.by_organisation.get(whole)
        if by_code is not None:
            return by_code, MatchedBy.CODE, False
        if written.permit in self.by_permit:
            return self.by_permit[written.permit], MatchedBy.PERMIT, False
        named = self.by_name.get(plain_name(written.name), set()) if written.name else set()
        if len(named) == 1 and not whole:
            return next(iter(named)), MatchedBy.NAME, False
        return ASK if written.code or written.permit or written.name else NOBODY


def _whole_code(text: str) -> str:
    """A credit code or organisation code of which the check letter fits; empty for anything else."""
    for read in (_credit, organisation_code) if text else ():
        try:
            return read(text)
        except StandardsError:
            continue
    return ""


def _credit(text: str) -> str:
    return credit_code(text).code


def _on_file() -> Iterable[Firm]:
    permits: dict[int, list[str]] = {}
    today = clock.now().astimezone(clock.SHANGHAI).date()
    held = known_now(Permit.objects.filter(valid__contains=today))
    for firm, number in held.values_list("enterprise", "number"):
        permits.setdefault(firm, []).append(number.upper())
    fields = ("pk", "code", "title_zh", "title_en", "address_zh", "industry_code", "lon", "lat")
    for pk, code, zh, en, address, industry, lon, lat in Enterprise.objects.order_by().values_list(*fields):
        names = tuple(dict.fromkeys((zh, en)))
        yield Firm(pk, code, names, address, tuple(permits.get(pk, ())), industry, lon, lat)
