"""Putting evidence together: priors times likelihoods, with one hypothesis for a source that nobody knows."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qingyuan_science.plugins import Text, parameter
from qingyuan_science.trace import Candidate, Evidence, Seen, Suspect, Traced, Tracer
from qingyuan_science.trace._telling import lead, untold
from qingyuan_science.trace._terms import Looking, doubts, history, own, permit

Found = Mapping[str, tuple[Evidence, ...]]
_LEAST_GAIN = 1e-3  # nat; a sample that tells less is not worth the way


@dataclass(frozen=True)
class Weighing(Tracer):
    """Base of the tracers that weigh every known source by evidence that is taken as independent.

    Notes
    -----
    It is taken that there is one source. A kind says what there is besides what is known of the source itself, in
    `on_the_way`, and how probable that is for a source that is not registered, in `unregistered`.
    """

    unknown_share: float = parameter(
        0.2,
        "1",
        0.01,
        0.9,
        title=Text("事前认为来自未登记污染源的概率", "chance beforehand that it is no known source"),
    )
    name_from: float = parameter(
        0.5, "1", 0.1, 0.99, title=Text("概率达到多少才点名", "least probability at which a source is named")
    )
    speaks_for: float = parameter(
        1.5, "1", 1.0, 100.0,
        title=Text("点名所需的证据合计倍数", "times as probable that all evidence must make it before it is named"),
    )  # fmt: skip
    own_shape: float = parameter(
        0.25, "1", 0.02, 1.0,
        title=Text("自身监控 p 值的 Beta 形状（越小越可信）", "beta shape of p of own monitors (smaller is surer)"),
    )  # fmt: skip
    travel_tolerance: float = parameter(
        0.3, "1", 0.0, 1.0, title=Text("传播时间的相对误差", "share by which a travel time may be wrong")
    )
    lasting: float = parameter(
        0.6, "1", 0.05, 1.0,
        title=Text("在监控点至少持续了所见时长的比例", "least share of the time seen for which it lasted at a monitor"),
    )  # fmt: skip
    least_windows: int = parameter(
        72, "h", 24, 720, title=Text("至少需要的平常时段个数", "ordinary stretches that are needed")
    )
    permit_odds: float = parameter(
        4.0, "1", 1.0, 100.0,
        title=Text("许可证载有该物质的污染源造成此类升高的倍数", "times as often that one whose permit names it is it"),
    )  # fmt: skip
    doubts_tell: float = parameter(
        0.3, "1", 0.0, 0.9,
        title=Text("排放留下可疑情况的比例", "share of discharges that leave a finding at the source"),
    )  # fmt: skip
    visits_find: float = parameter(
        0.25, "1", 0.01, 0.9, title=Text("预期查实的比例", "share of visits expected to find the source")
    )
    visits_weight: float = parameter(
        4.0, "1", 0.5, 100.0, title=Text("该预期相当于多少次检查", "visits for which that expectation counts")
    )
    sample_hits: float = parameter(
        0.8, "1", 0.5, 1.0, title=Text("在来源处采样能检出的概率", "chance that a sample at the source shows it")
    )
    sample_errs: float = parameter(
        0.05, "1", 0.0, 0.5, title=Text("在别处采样也检出的概率", "chance that a sample elsewhere shows it")
    )

    def trace(self, seen: Seen, candidates: tuple[Candidate, ...]) -> Traced:
        """Weigh every candidate, and that it is none of them."""
        ordered = tuple(sorted(candidates, key=lambda one: one.code))
        looking = Looking(seen, self.travel_tolerance, self.lasting, self.looks_back_days, self.least_windows)
        evidence = {one.code: self._evidence(looking, one, ordered) for one in ordered}
        chance, unknown = self._chances(ordered, evidence)
        suspects = [Suspect(code, chance[code], found) for code, found in evidence.items()]
        suspects.sort(key=lambda one: (-one.probability, one.code))
        names = {one.code: one.name for one in ordered}
        reason = self._cannot_tell(suspects, unknown, names)
        sentence = untold(seen, reason) if reason else lead(seen, suspects, names[suspects[0].code])
        return Traced(tuple(suspects), unknown, reason, sentence, self._look_next(suspects))

    def on_the_way(
        self, looking: Looking, candidate: Candidate, candidates: Sequence[Candidate]
    ) -> tuple[Evidence, ...]:
        """Say what there is between a candidate and the place.

        Parameters
        ----------
        looking : Looking
            At the rise.
        candidate : Candidate
        candidates : sequence of Candidate
            All of them.

        Returns
        -------
        tuple of Evidence
        """
        raise NotImplementedError(f"{type(self).__name__} does not look at the way")

    def unregistered(self, candidates: Sequence[Candidate], evidence: Found) -> float:
        """Say how probable the evidence is if it came from a source that is not registered.

        Parameters
        ----------
        candidates : sequence of Candidate
        evidence : mapping of str to tuple of Evidence
            By code of the candidate.

        Returns
        -------
        float
            Natural logarithm, beside where nothing shows. [1]
        """
        raise NotImplementedError(f"{type(self).__name__} does not say what an unregistered source shows")

    def _evidence(
        self, looking: Looking, candidate: Candidate, candidates: Sequence[Candidate]
    ) -> tuple[Evidence, ...]:
        return (
            own(looking, candidate, self.own_shape),
            *self.on_the_way(looking, candidate, candidates),
            permit(looking.seen, candidate, candidates, self.permit_odds),
            doubts(candidate, self.looks_back_days, self.doubts_tell),
            history(candidate, self.visits_find, self.visits_weight),
        )

    def _chances(self, candidates: Sequence[Candidate], evidence: Found) -> tuple[dict[str, float], float]:
        """Probability of each candidate by code, and that it is none of them."""
        if not candidates:
            return {}, 1.0
        prior = math.log((1.0 - self.unknown_share) / len(candidates))
        told = {code: prior + sum(one.log_likelihood for one in found) for code, found in evidence.items()}
        none = math.log(self.unknown_share) + self.unregistered(candidates, evidence)
        most = max(none, *told.values())
        weight = {code: math.exp(one - most) for code, one in told.items()}
        total = math.fsum([*weight.values(), math.exp(none - most)])
        return {code: one / total for code, one in weight.items()}, math.exp(none - most) / total

    def _cannot_tell(self, suspects: Sequence[Suspect], unknown: float, names: Mapping[str, Text]) -> Text | None:
        """Why nobody is named; None where the first stands out."""
        if not suspects:
            return Text("没有可能到达此处的已知污染源", "no known source from which it can have come")
        if not any(found.log_likelihood for one in suspects for found in one.evidence):
            return Text("没有任何数据能区分各污染源", "nothing that is known tells the sources apart")
        first = suspects[0]
        if unknown > max(first.probability, self.name_from):
            return Text(
                f"更可能来自未登记的污染源（概率 {unknown:.0%}）",
                f"it is more probably none of the known sources ({unknown:.0%})",
            )
        name, share, least = names[first.code], f"{first.probability:.0%}", f"{self.name_from:.0%}"
        if first.probability < self.name_from:
            return Text(
                f"可能性最大的{name.zh}概率只有 {share}，不到 {least}",
                f"the most probable, {name.en}, has {share} only, less than {least}",
            )
        if math.exp(sum(one.log_likelihood for one in first.evidence)) >= self.speaks_for:
            return None
        return Text(
            f"可能性最大的{name.zh}（{share}）只是因为其他来源更不像，没有足够证据支持是它",
            f"the most probable, {name.en} ({share}), is so because others are less so; too little speaks for it",
        )

    def _look_next(self, suspects: Sequence[Suspect]) -> str:
        """Where one sample lowers the expected entropy most: it tells whether it is this source or not."""
        gains = [(self._gain(one.probability), one.code) for one in suspects]
        gain, code = max(gains, key=lambda one: one[0], default=(0.0, ""))
        return code if gain > _LEAST_GAIN else ""

    def _gain(self, probability: float) -> float:
        """Expected fall of the entropy by a sample at a source of that probability. [nat]"""
        shows = probability * self.sample_hits + (1.0 - probability) * self.sample_errs
        left = probability * _entropy(self.sample_hits) + (1.0 - probability) * _entropy(self.sample_errs)
        return _entropy(shows) - left


def _entropy(chance: float) -> float:
    """Of something that happens with that chance. [nat]"""
    return -sum(one * math.log(one) for one in (chance, 1.0 - chance) if one > 0.0)
