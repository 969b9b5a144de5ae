"""The calculations that standards define: a list, and a form with its answer and clauses for each."""

import json
import shlex
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit.errors import NotFound
from qingyuan.showing.logic.calculations.answers import block_of, clause_of
from qingyuan.showing.logic.calculations.questions import QuestionForm, as_written
from qingyuan.showing.logic.paging import number_in
from qingyuan.showing.request import Request
from qingyuan.showing.wording import cited, listed, said
from qingyuan_science import calc
from qingyuan_science.calc.topic import TOPICS, Answer, Topic
from qingyuan_science.plugins import UnknownPlugin

calc.load()


def listing(request: Request) -> HttpResponse:
    """Every calculation, narrowed by words of its title, code or source."""
    words = request.GET.get("q", "").split()
    topics = sorted((topic for topic in TOPICS if _holds(topic, words)), key=lambda topic: topic.code)
    rows = [{"topic": topic, "title": said(topic.title), "lead": _lead(topic)} for topic in topics]
    values = {
        "page_title": _("Calculations"),
        "page_lead": _("Questions that a standard answers, each by the edition in force on the day of the data."),
        "rows": rows,
        "filters": [],
    }
    return render(request, "showing/calculations.html", values)


def calculation(request: Request, code: str) -> HttpResponse:
    """One calculation: its form, filled with a worked example if asked for, and the answer once it was sent."""
    topic = _topic(code)
    if request.method != "POST":
        form = QuestionForm(topic, initial=_example(topic, request.GET.get("example", "")))
        return render(request, "showing/calculation.html", _page(topic, form))
    form = QuestionForm(topic, request.POST)
    if form.is_valid():
        try:
            said_by_it = calc.answer(code, form.question)
        except calc.BadQuestion as error:
            form.refuse(error)
        else:
            values = _page(topic, form) | _answered(topic, form.question, said_by_it)
            return render(request, "showing/calculation.html", values)
    return render(request, "showing/calculation.html", _page(topic, form), status=422)


def _page(topic: type[Topic], form: QuestionForm) -> dict[str, Any]:
    return {
        "page_title": said(topic.title),
        "crumbs": [{"title": _("Calculations"), "href": reverse("calculations")}],
        "topic": topic,
        "lead": _lead(topic),
        "form": form,
        "examples": [
            {"given": said(one.given), "expected": listed(said(text) for text in one.expected)}
            for one in topic.examples
        ],
    }


def _answered(topic: type[Topic], question: Mapping[str, Any], answer: Answer) -> dict[str, Any]:
    found = answer.as_json()
    asked = json.dumps(question, ensure_ascii=False)
    return {
        "answer": block_of(_("Result"), found["result"]),
        "clauses": [clause_of(one) for one in answer.clauses],
        "notes": [said(note) for note in answer.notes],
        "answer_json": json.dumps(found, ensure_ascii=False, indent=2),
        "question_json": json.dumps(question, ensure_ascii=False, indent=2),
        "command": f"echo {shlex.quote(asked)} | qingyuan calc {topic.code}",
    }


def _topic(code: str) -> type[Topic]:
    try:
        return TOPICS.get(code)
    except UnknownPlugin as error:
        raise NotFound(_("There is no calculation “%(code)s”.") % {"code": code}) from error


def _example(topic: type[Topic], number: str) -> dict[str, Any]:
    chosen = number_in(number)
    if chosen is None or chosen >= len(topic.questions):
        return {}
    return as_written(topic.questions[chosen], topic.fields)


def _holds(topic: type[Topic], words: list[str]) -> bool:
    text = f"{topic.code} {topic.title.zh} {topic.title.en} {topic.source}".casefold()
    return all(word.casefold() in text for word in words)


def _lead(topic: type[Topic]) -> str:
    return str(cited(topic.source)) if topic.source else ""
