"""The sentence by which an event explains itself, in both languages."""

from typing import NamedTuple

from qingyuan_science.detect import Context, Sign
from qingyuan_science.detect._events.patterns import nearest_pattern
from qingyuan_science.detect._events.watching import Event
from qingyuan_science.detect._telling import LEAD, expected, sentence, when
from qingyuan_science.plugins import Text

METHOD = Text("EPA/600/R-10/036 方法", "method of EPA/600/R-10/036")
_TOGETHER = Text("水质信号同时偏离平时状态", "signals of the station leave their usual course")
_NAMED, _LEAST_SHARE = 4, 0.5


class Moved(NamedTuple):
    """How far one signal moved.

    Parameters
    ----------
    code : str
        Code of its factor.
    deviation : float
        How far, in units of its usual scatter; below 0 where it fell [1].
    sign : Sign
        What was found beside what is usual.
    """

    code: str
    deviation: float
    sign: Sign


def event_sentence(context: Context, span: tuple[int, int], moved: tuple[Moved, ...], event: Event) -> Text:
    """Write the sentence of an event.

    Parameters
    ----------
    context : Context
        Place and factor.
    span : tuple[int, int]
        From when to when [µs].
    moved : tuple[Moved, ...]
        The signals, the one that moved farthest first.
    event : Event
        The event.

    Returns
    -------
    Text
        Which signals moved, in which direction, by how much against their usual, from when on, and which known change
        of the water that is most like.
    """
    others = [one for one in moved[1:_NAMED] if abs(one.deviation) >= _LEAST_SHARE * event.threshold]
    parts = [when(*span), *(_told(one) for one in (moved[0], *others)), _likeness(moved)]
    if event.timed_out:
        parts.append(Text("持续过久，视为水质已改变", "it lasted so long that it counts as the new state of the water"))
    return sentence(context, _TOGETHER, [*parts, LEAD], METHOD)


def _told(one: Moved) -> Text:
    found, by = expected(one.sign), f"{abs(one.deviation):.1f}"
    zh, en = ("升高", "up") if one.deviation > 0.0 else ("降低", "down")
    return Text(f"{found.zh}{zh} {by} 倍常态波动", f"{found.en} {en} by {by} times its usual scatter")


def _likeness(moved: tuple[Moved, ...]) -> Text:
    match = nearest_pattern({one.code: one.deviation for one in moved})
    if match is None:
        return Text("与已知模式均不相近", "unlike any known pattern")
    like, title = f"{match.likeness:.2f}", match.pattern.title
    return Text(f"最接近的已知模式：{title.zh}（相似度 {like}）", f"most like {title.en} (likeness {like})")
