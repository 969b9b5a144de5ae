"""What screenings ask and what shows their numbers, in the reader's words and with addresses."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.judging.conditions import factor_words, unit_words, words_of
from qingyuan.judging.fact import FACTS
from qingyuan.judging.queries import Subject
from qingyuan.showing.logic.judging.words import amount_words
from qingyuan.showing.wording import named, said
from qingyuan_science.plugins import PluginError, Text, parameters_of


def management_words(code: str) -> str:
    """A management category in words."""
    return {"key": _("Key management"), "simplified": _("Simplified management")}.get(code, code)


def told(given: dict[str, Any], name: str) -> str:
    """The wording of something that was kept in both languages."""
    return said(Text(given[f"{name}_zh"], given[f"{name}_en"]))


def condition_words(given: dict[str, Any]) -> str:
    """A condition as a run keeps it, with the settings that differ from the usual ones."""
    head = said(words_of(given, Text(given["title_zh"], given["title_en"]), given["unit"]))
    changed = _changed(given)
    return f"{head} ({'; '.join(changed)})" if changed else head


def head_words(given: dict[str, Any]) -> str:
    """What a column of numbers is about, with its unit."""
    unit = said(unit_words(given["unit"]))
    title = " ".join(part for part in (told(given, "title"), said(factor_words(given["factor"]))) if part)
    return f"{title}, {unit}" if unit else title


def _changed(given: dict[str, Any]) -> list[str]:
    try:
        specs = parameters_of(FACTS.get(given["fact"]))
    except PluginError:
        return [named(name, value) for name, value in given["parameters"].items()]
    return [
        named(said(spec.title), amount_words(spec, given["parameters"][spec.name]))
        for spec in specs
        if given["parameters"].get(spec.name, spec.default) != spec.default
    ]


def needed_words(needed: int | None, asked: int) -> str:
    """How many conditions must be met."""
    if needed is None or needed == asked:
        return _("all of them")
    return _("at least %(needed)d of %(asked)d") % {"needed": needed, "asked": asked}


def scope_words(given: dict[str, Any]) -> str:
    """Which enterprises or grid cells are looked at."""
    parts = [
        _("Industry %(code)s") % {"code": given["industry"]} if given["industry"] else "",
        told(given, "cell") if given["cell"] else "",
        management_words(given["management"]),
    ]
    every = _("Every grid cell") if given.get("subject") == Subject.CELL else _("Every enterprise")
    return " · ".join(part for part in parts if part) or every


def subject_words(given: dict[str, Any]) -> str:
    """What is listed: an enterprise or a grid cell."""
    return _("Grid cell") if given.get("subject") == Subject.CELL else _("Enterprise")


def link_of(given: dict[str, str]) -> dict[str, str]:
    """What shows a number, with its title and address."""
    title = given["zh"] if (get_language() or "zh").startswith("zh") else given["en"]
    return {"title": title, "href": PAGES[given["kind"]](given)}


def _station(given: dict[str, str]) -> str:
    names = {"factor": "factor", "basis": "basis", "start": "from", "end": "to"}
    query = urlencode({names[name]: given[name] for name in names if given.get(name)})
    address = reverse("station", kwargs={"code": given["key"]})
    return f"{address}?{query}" if query else address


def _records(given: dict[str, str]) -> str:
    """The records of an enterprise in a list, of which the key names both."""
    code, _slash, firm = given["key"].partition("/")
    return f"{reverse('record-list', kwargs={'code': code})}?{urlencode({'enterprise': firm})}"


def _papers(given: dict[str, str]) -> str:
    """The papers of one kind on the page of an enterprise, of which the key names both."""
    code, _slash, papers = given["key"].partition("/")
    return f"{reverse('enterprise', kwargs={'code': code})}#{papers}"


PAGES: dict[str, Callable[[dict[str, str]], str]] = {
    "finding": lambda given: reverse("finding", kwargs={"finding_id": int(given["key"])}),
    "case": lambda given: reverse("case", kwargs={"case_id": int(given["key"])}),
    "station": _station,
    "records": _records,
    "papers": _papers,
    "problem": lambda given: reverse("problem", kwargs={"problem_id": int(given["key"])}),
}


"""The page of each kind of link that a fact may give."""
