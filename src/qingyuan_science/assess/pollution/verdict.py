"""The verdict on a window: types by probability, what each sign weighed, what would change it; or "cannot tell"."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.assess.pollution.rules import RULES, TYPES, WEIGHING, PollutionType
from qingyuan_science.assess.pollution.signs import Observed
from qingyuan_science.assess.pollution.weighing import PRIOR, Weights
from qingyuan_science.plugins import Source, Text

Floats = NDArray[np.float64]
_TURNS_TOLD = 4
_CONTEXT = ("rain", "hour", "flow")  # they explain, and are no anomaly of the water
_QUIET = ("same", "ordinary")


@dataclass(frozen=True)
class Ranked:
    """A type in its place.

    Parameters
    ----------
    type : PollutionType
    probability : float
        By the signs that are known [1].
    least : float
        What is left of it whatever the silent instruments would say; equal to `probability` where none is silent [1].
    """

    type: PollutionType
    probability: float
    least: float


@dataclass(frozen=True)
class Term:
    """What one sign weighed.

    Parameters
    ----------
    rule, state : str
        Codes.
    title, says, said : Text
        The sign, its state, and the numbers behind it.
    weights : dict of str to float
        By type, the natural logarithm of the chance of the state; tempered, as it entered the sum [1].
    for_leader : float
        How far it speaks for the leading type against the mean of the others; negative where against it [1].
    cases : int
        Settled cases of the leading type that showed this sign, beside the `worth` of the first estimate [1].
    source : Source
    """

    rule: str
    state: str
    title: Text
    says: Text
    said: Text
    weights: dict[str, float]
    for_leader: float
    cases: int
    source: Source


@dataclass(frozen=True)
class Turn:
    """A sign that would let another type lead, had it been otherwise.

    Parameters
    ----------
    title, says : Text
        The sign and the state it would have to be in.
    known : bool
        Whether the sign is known now, or was not measured.
    type : PollutionType
        Which would lead.
    probability : float
        How likely it would be [1].
    """

    title: Text
    says: Text
    known: bool
    type: PollutionType
    probability: float


@dataclass(frozen=True)
class Verdict:
    """What a window is taken for.

    Parameters
    ----------
    told : PollutionType or None
        The type named; None where it cannot be told.
    sentence : Text
        Why, in a sentence.
    ranked : tuple of Ranked
        Every type, the likeliest first.
    terms : tuple of Term
        Every sign that is known, the weightiest first.
    silent : tuple of Text
        Signs that could be known and are not.
    strength : float
        Share of all that the signs could tell about the type which is known [1].
    turns : tuple of Turn
        What would change it, the likeliest first.
    cases : int
        Settled cases that the weights were learned from [1].
    """

    told: PollutionType | None
    sentence: Text
    ranked: tuple[Ranked, ...]
    terms: tuple[Term, ...]
    silent: tuple[Text, ...]
    strength: float
    turns: tuple[Turn, ...]
    cases: int

    @property
    def confidence(self) -> float:
        """How likely the leading type is at least. [1]"""
        return max(one.least for one in self.ranked)


def assess(observed: Iterable[Observed], kind: str, weights: Weights = PRIOR) -> Verdict:
    """Weigh the signs of a window.

    Parameters
    ----------
    observed : iterable of Observed
        As `observe` reads them.
    kind : str
        ``surface-water`` or ``outlet-water``.
    weights : Weights
        The first estimate, or what settled cases made of it.

    Returns
    -------
    Verdict

    Notes
    -----
    Naive Bayes over states: log P(type) + tempered x sum of log P(state | type). A sign of a silent instrument counts,
    in `least`, as whatever speaks most against the type; so silence never raises the confidence. A type is named where
    it is at least so likely even then, leads the next by so much, enough of the signs are known, some factor of the
    water moved, and the signs are not far less likely under it than they usually are (else they contradict).
    """
    signs = tuple(observed)
    known = [one for one in signs if one.state]
    total = _sum(known, kind, weights)
    probability = _normal(total)
    order = np.argsort(-probability, kind="stable")
    least = _least(total, [one.rule for one in signs if one.silent], weights)
    ranked = tuple(Ranked(TYPES[at], float(probability[at]), float(min(least[at], probability[at]))) for at in order)
    strength = _strength(known, kind)
    misfit = _misfit(known, int(order[0]), weights)
    why = _nothing_odd(known) or _why_not(ranked, strength, misfit)
    terms = tuple(sorted((_term(one, int(order[0]), weights) for one in known), key=lambda one: -abs(one.for_leader)))
    return Verdict(
        told=None if why else ranked[0].type,
        sentence=_sentence(ranked, terms, why),
        ranked=ranked,
        terms=terms,
        silent=tuple(RULES[one.rule].title for one in signs if one.silent),
        strength=strength,
        turns=tuple(_turns(signs, kind, weights, ranked[0].type)),
        cases=weights.cases,
    )


def _logs(rule: str, weights: Weights) -> Floats:
    return np.asarray(WEIGHING.tempered * np.log(weights.chances(rule)))


def _row(one: Observed, weights: Weights) -> Floats:
    return np.asarray(_logs(one.rule, weights)[list(RULES[one.rule].states).index(one.state)])


def _sum(known: Sequence[Observed], kind: str, weights: Weights) -> Floats:
    start = np.log(weights.prior(kind))
    return np.asarray(sum((_row(one, weights) for one in known), start=start))


def _normal(logs: Floats) -> Floats:
    part = np.exp(logs - logs.max())
    return np.asarray(part / part.sum())


def _least(total: Floats, silent: Sequence[str], weights: Weights) -> Floats:
    """Of each type, its probability if each silent sign said what speaks most for every rival."""
    ahead = total[None, :] - total[:, None]
    for rule in silent:
        logs = _logs(rule, weights)
        ahead = ahead + np.maximum((logs[:, None, :] - logs[:, :, None]).max(axis=0), 0.0)
    return np.asarray(1.0 / np.exp(np.minimum(ahead, 700.0)).sum(axis=1))


def information(rule: str, kind: str) -> float:
    """How much a sign can tell of the type on average: its mutual information with it, by the first estimate.

    Parameters
    ----------
    rule : str
        Code of a rule.
    kind : str
        Kind of station.

    Returns
    -------
    float
        [nat]
    """
    joint = PRIOR.chances(rule) * PRIOR.prior(kind)
    return float((joint * np.log(joint / (joint.sum(axis=1, keepdims=True) * joint.sum(axis=0)))).sum())


def _strength(known: Sequence[Observed], kind: str) -> float:
    whole = sum(information(rule, kind) for rule in RULES)
    return sum(information(one.rule, kind) for one in known) / whole


def _misfit(known: Sequence[Observed], leader: int, weights: Weights) -> float:
    """By how many standard deviations the signs are less likely under the leading type than they usually are."""
    short, spread = 0.0, 0.0
    for one in known:
        chances = weights.chances(one.rule)[:, leader]
        logs = np.log(chances)
        mean = float((chances * logs).sum())
        short += mean - float(logs[list(RULES[one.rule].states).index(one.state)])
        spread += float((chances * (logs - mean) ** 2).sum())
    return short / float(np.sqrt(spread)) if spread > 0 else 0.0


def _nothing_odd(known: Sequence[Observed]) -> Text | None:
    if not known or any(one.rule not in _CONTEXT and one.state not in _QUIET for one in known):
        return None
    return Text("已知各项水质因子均无明显变化", "no known factor of the water left its usual course")


def _why_not(ranked: Sequence[Ranked], strength: float, misfit: float) -> Text | None:
    first, second = ranked[:2]
    if strength < WEIGHING.least_strength:
        return Text(
            f"证据不足：只掌握全部证据信息量的 {strength:.0%}，至少需 {WEIGHING.least_strength:.0%}",
            f"too little is known: {strength:.0%} of what signs could tell, {WEIGHING.least_strength:.0%} is needed",
        )
    if misfit > WEIGHING.misfit:
        return Text(
            f"证据相互矛盾：与最可能的“{first.type.title.zh}”也不相符（偏离 {misfit:.1f} 倍标准差）",
            f"the signs contradict each other: they do not fit even the likeliest, {first.type.title.en} "
            f"({misfit:.1f} standard deviations off)",
        )
    if first.probability >= WEIGHING.least_probability > first.least:
        return Text(
            f"有仪器无数据：若其读数不利，“{first.type.title.zh}”的概率可低至 {first.least:.0%}",
            f"instruments are silent: whatever they would say, {first.type.title.en} might be as unlikely as "
            f"{first.least:.0%}",
        )
    if first.probability < max(WEIGHING.least_probability, WEIGHING.least_lead * second.probability):
        return Text(
            f"难分高下：{first.type.title.zh} {first.probability:.0%}，{second.type.title.zh} {second.probability:.0%}",
            f"too close: {first.type.title.en} {first.probability:.0%}, {second.type.title.en} "
            f"{second.probability:.0%}",
        )
    return None


def _sentence(ranked: Sequence[Ranked], terms: Sequence[Term], why: Text | None) -> Text:
    if why:
        return Text(f"不能判定污染类型。{why.zh}。", f"The type of pollution cannot be told: {why.en}.")
    first, second = ranked[:2]
    shown = [one for one in terms if one.for_leader > 0][:3]
    return Text(
        f"最可能是{first.type.title.zh}（概率 {first.probability:.0%}），其次{second.type.title.zh}"
        f"（{second.probability:.0%}）；主要依据：{'；'.join(one.said.zh for one in shown)}。此为推断，需现场核实。",
        f"Most likely {first.type.title.en} ({first.probability:.0%}), then {second.type.title.en} "
        f"({second.probability:.0%}). Mainly because: {'; '.join(one.said.en for one in shown)}. "
        "This is an inference to be checked on site.",
    )


def _term(one: Observed, leader: int, weights: Weights) -> Term:
    row, rule = _row(one, weights), RULES[one.rule]
    others = np.delete(row, leader)
    code = TYPES[leader].code
    return Term(
        rule=one.rule,
        state=one.state,
        title=rule.title,
        says=rule.states[one.state],
        said=one.said,
        weights={kind.code: float(value) for kind, value in zip(TYPES, row, strict=True)},
        for_leader=float(row[leader] - others.mean()),
        cases=sum(weights.of_states.get((one.rule, state, code), 0) for state in rule.states),
        source=rule.source,
    )


def _turns(signs: Sequence[Observed], kind: str, weights: Weights, leader: PollutionType) -> list[Turn]:
    """For each sign, the other state under which another type would lead by most."""
    found = []
    total = _sum([one for one in signs if one.state], kind, weights)
    for one in signs:
        rule, logs = RULES[one.rule], _logs(one.rule, weights)
        own = _row(one, weights) if one.state else np.zeros(len(TYPES))
        for place, (state, says) in enumerate(rule.states.items()):
            probability = _normal(total - own + logs[place])
            at = int(probability.argmax())
            if state != one.state and TYPES[at] != leader:
                found.append(Turn(rule.title, says, bool(one.state), TYPES[at], float(probability[at])))
    return sorted(found, key=lambda turn: -turn.probability)[:_TURNS_TOLD]
