"""What a suspected problem says: what was seen, by which satellite, when, how sure, and why it is a clue or is not."""

from collections.abc import Sequence
from datetime import datetime

from qingyuan.judging.models import ExcludedPlace, SpotRule, SuspectedProblem
from qingyuan.kit.clock import SHANGHAI
from qingyuan.sensing.brought.spotted import KIND_WORDS, SURENESS_WORDS
from qingyuan.sensing.queries import Spot, SpotKind, Sureness
from qingyuan_science.plugins import Text

WITHDRAWN = Text("卫星数据文件已撤回，不再作为疑似问题", "The satellite files that show it were taken back")


def kind_words(kind: str) -> Text:
    """What was seen, in both languages."""
    return KIND_WORDS[SpotKind(kind)]


def sureness_words(sureness: int) -> Text:
    """How sure a product is, in both languages."""
    return SURENESS_WORDS[Sureness(sureness)]


def title(kind: str) -> Text:
    """What a clue is called."""
    what = kind_words(kind)
    return Text(f"卫星遥感疑似问题：{what.zh}", f"Seen by satellite: {what.en}")


def seen(problem: SuspectedProblem, spots: Sequence[Spot]) -> Text:
    """Where, what, how often, by which satellites, when (Beijing time) and how sure."""
    what, sure, cell = kind_words(problem.kind), sureness_words(problem.sureness), problem.cell
    by = _satellites(spots)
    zh_times, en_times = _times(spots[0].observed_at), _times(spots[-1].observed_at)
    span_zh = zh_times if zh_times == en_times else f"{zh_times} 至 {en_times}"
    span_en = f"at {zh_times}" if zh_times == en_times else f"from {zh_times} to {en_times}"
    power = max((one.attributes.get("frp") or 0.0 for one in spots), default=0.0)
    at, count = (f"{problem.lon:.4f}°E", f"{problem.lat:.4f}°N"), len(spots)
    zh = f"{cell.title_zh}（{'，'.join(at)}）：北京时间 {span_zh}，{by.zh}观测到{what.zh} {count} 处"
    spots_en = f"{count} spot{'s' * (count > 1)}"
    en = f"{cell.title_en} ({', '.join(at)}): {span_en} Beijing time {by.en} saw {what.en}, {spots_en}"
    zh += f"，最高可信度为“{sure.zh}”" + (f"，最大火辐射功率 {power:.1f} MW" if power else "")
    en += f", confidence {sure.en} at best" + (f", largest fire radiative power {power:.1f} MW" if power else "")
    return Text(zh, en)


def _satellites(spots: Sequence[Spot]) -> Text:
    names = []
    for one in spots:
        name = f"{one.satellite} ({one.instrument})" if one.instrument else one.satellite
        if name and name not in names:
            names.append(name)
    if not names:
        return Text("卫星影像", "satellite images")
    return Text(f"卫星 {'、'.join(names)} ", f"satellite {', '.join(names)}")


def _times(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def by_rule(rule: SpotRule, sureness: int) -> Text:
    """Why the rule made it a clue, or not."""
    found, least = sureness_words(sureness), sureness_words(rule.least)
    if sureness >= rule.least:
        return Text(
            f"可信度“{found.zh}”达到规则“{rule.title_zh}”要求的“{least.zh}”，且不在排除区域内，列为线索。"
            f"规则理由：{rule.reason_zh}",
            f"Made a clue: confidence {found.en} is at least the {least.en} of the rule “{rule.title_en}”, and it lies"
            f" at no excluded place. Reason of the rule: {rule.reason_en}",
        )
    return Text(
        f"可信度“{found.zh}”低于规则“{rule.title_zh}”要求的“{least.zh}”，未列为线索。规则理由：{rule.reason_zh}",
        f"Not made a clue: confidence {found.en} is below the {least.en} of the rule “{rule.title_en}”. Reason of the"
        f" rule: {rule.reason_en}",
    )


def excluded(place: ExcludedPlace, at: Text, far_m: float) -> Text:
    """Why a place excludes it."""
    return Text(
        f"各观测点均在{at.zh}周边 {place.within_m:,.0f} 米内（最远 {far_m:,.0f} 米），属排除区域“{place.title_zh}”，"
        f"未列为线索。排除理由：{place.reason_zh}",
        f"Not made a clue: every spot lies within {place.within_m:,.0f} m of {at.en} (the farthest at {far_m:,.0f} m),"
        f" which the excluded place “{place.title_en}” says. Reason: {place.reason_en}",
    )


def no_rule(spot: Spot) -> Text:
    """Why nothing was decided."""
    what = kind_words(spot.kind)
    return Text(
        f"没有适用于“{what.zh}”的规则，未列为线索；可由管理员设置规则，或人工列为线索",
        f"Not made a clue: no rule for “{what.en}” is in force; an administrator can set one, or a person enter it",
    )


def clue(problem: SuspectedProblem) -> Text:
    """What the clue says: what was seen, then why it is a clue."""
    return Text(f"{problem.sentence_zh}。{problem.why_zh}", f"{problem.sentence_en}. {problem.why_en}")


def entered(who: str, why: str) -> Text:
    """Why a person made it a clue."""
    return Text(f"{who}人工列为线索：{why}", f"Made a clue by {who}: {why}")
