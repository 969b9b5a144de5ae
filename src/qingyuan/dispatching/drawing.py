"""A case type as a picture (SVG, with swim lanes), drawn from its table."""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from qingyuan.dispatching.casework import ROLE_TITLES, CaseType
from qingyuan.dispatching.layout import LANE, Box, Layout, laid_out
from qingyuan.dispatching.time_limits import shipped_limit
from qingyuan_science.plugins import Text

# The looks are attributes and no style sheet, so that a page's content security policy lets them through.
FONT = 'font-family="system-ui, \'Noto Sans CJK SC\', sans-serif" font-size="14" text-anchor="middle"'
LANES = 'fill="none" stroke="currentColor" stroke-opacity="0.25"'
HEADS = 'fill="currentColor" font-weight="600" text-anchor="start"'
STATES = 'fill="none" stroke="currentColor" stroke-width="1.5"'
CLOCKS = 'fill="currentColor" fill-opacity="0.7" font-size="11"'
MOVES = 'fill="none" stroke="#0f766e" stroke-width="1.3"'
VERBS = 'fill="#0f766e" font-size="12" paint-order="stroke" stroke="var(--tblr-bg-surface, #fff)" stroke-width="4"'
ARROW = (
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
    '<path d="M0 0L8 4L0 8z" fill="#0f766e"/></marker></defs>'
)

ENDED = Text("办结", "ended")


def svg(case_type: type[CaseType], language: str) -> str:
    """The whole picture."""
    layout = laid_out(case_type)
    size = f"{layout.width:.0f} {layout.height:.0f}"
    title = escape(case_type.title.in_language(language))
    groups = {
        LANES: _lanes(layout),
        HEADS: _heads(layout, language),
        MOVES: _moves(case_type, layout),
        STATES: _boxes(case_type, layout),
        'fill="currentColor"': _titles(case_type, layout, language),
        CLOCKS: _clocks(case_type, layout),
        VERBS: _verbs(case_type, layout, language),
    }
    parts = (f"<g {looks}>{''.join(shapes)}</g>" for looks, shapes in groups.items())
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img" aria-label="{title}" {FONT}>'
    return "\n".join([head, f"<title>{title}</title>{ARROW}", *parts, "</svg>"])


def _lanes(layout: Layout) -> Iterator[str]:
    for row in range(len(layout.lanes)):
        yield f'<rect x="0.5" y="{row * LANE + 0.5}" width="{layout.width - 1:.0f}" height="{LANE}"/>'


def _heads(layout: Layout, language: str) -> Iterator[str]:
    for row, role in enumerate(layout.lanes):
        yield _text(20, row * LANE + LANE / 2 + 5, (ROLE_TITLES[role] if role else ENDED).in_language(language))


def _boxes(case_type: type[CaseType], layout: Layout) -> Iterator[str]:
    for state in case_type.states:
        box = layout.boxes[state.code]
        frame = ' stroke-width="3"' if state.final else ""
        yield f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="10"{frame}/>'


def _titles(case_type: type[CaseType], layout: Layout, language: str) -> Iterator[str]:
    for state in case_type.states:
        x, y = layout.boxes[state.code].middle
        yield _text(x, y if state.clock else y + 5, state.title.in_language(language))


def _clocks(case_type: type[CaseType], layout: Layout) -> Iterator[str]:
    for state in case_type.states:
        if state.clock:
            x, y = layout.boxes[state.code].middle
            yield _text(x, y + 18, f"≤ {shipped_limit(state.clock.limit).hours:g} h")


def _moves(case_type: type[CaseType], layout: Layout) -> Iterator[str]:
    for path, _, _ in _curves(case_type, layout):
        yield f'<path d="{path}" marker-end="url(#arrow)"/>'


def _verbs(case_type: type[CaseType], layout: Layout, language: str) -> Iterator[str]:
    for _, (x, y), verb in _curves(case_type, layout):
        yield _text(x, y, verb.in_language(language))


def _text(x: float, y: float, words: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}">{escape(words)}</text>'


def _curves(case_type: type[CaseType], layout: Layout) -> Iterator[tuple[str, tuple[float, float], Text]]:
    """Each move as a path, with where its label stands and what it says."""
    drawn: dict[frozenset[str], int] = {}
    for source, move in case_type.steps():
        pair = frozenset((source, move.target))
        turn = drawn[pair] = drawn.get(pair, -1) + 1
        yield *_curve(layout.boxes[source], layout.boxes[move.target], turn), move.title


def _curve(source: Box, target: Box, turn: int) -> tuple[str, tuple[float, float]]:
    """A path from box to box and where its label stands; `turn` counts the moves drawn between the same two."""
    if source == target:
        return _loop(source)
    if target.x == source.x:
        return _upright(source, target, turn)
    if target.y == source.y and (turn or target.x < source.x or target.x - source.x > 1.5 * source.width + 60):
        return _bow(source, target)
    (x1, y1), (x2, y2) = source.middle, target.middle
    side = 1 if x2 > x1 else -1
    x1, x2 = x1 + side * source.width / 2, x2 - side * target.width / 2
    shift = 12 * (-1 if side > 0 else 1) if y1 != y2 else 0
    y1, y2, bend = y1 + shift, y2 + shift, side * max(40.0, abs(x2 - x1) / 2)
    path = f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
    return path, _along((x1, y1), (x1 + bend, y1), (x2 - bend, y2), (x2, y2))


def _along(*corners: tuple[float, float]) -> tuple[float, float]:
    """Where the label of a Bézier curve stands: past the middle, so that moves to and fro keep theirs apart."""
    at = 0.62
    weights = ((1 - at) ** 3, 3 * at * (1 - at) ** 2, 3 * at**2 * (1 - at), at**3)
    x, y = (sum(weight * corner[axis] for weight, corner in zip(weights, corners, strict=True)) for axis in (0, 1))
    return x, y + 4


def _loop(box: Box) -> tuple[str, tuple[float, float]]:
    x, y = box.middle[0], box.y
    return f"M{x - 18} {y}C{x - 30} {y - 30} {x + 30} {y - 30} {x + 18} {y}", (x, y - 24)


def _upright(source: Box, target: Box, turn: int) -> tuple[str, tuple[float, float]]:
    down = target.y > source.y
    x = source.middle[0] + (-25 if down else 25) + 12 * turn
    y1, y2 = (source.y + source.height, target.y) if down else (source.y, target.y + target.height)
    return f"M{x} {y1}L{x} {y2}", (x + (-30 if down else 34), (y1 + y2) / 2)


def _bow(source: Box, target: Box) -> tuple[str, tuple[float, float]]:
    """Over the boxes of the lane when it leads back, under them when it leads on."""
    back = target.x < source.x
    y = source.y if back else source.y + source.height
    dip = -34 if back else 34
    x1, x2 = source.middle[0], target.middle[0]
    return f"M{x1} {y}C{x1} {y + dip} {x2} {y + dip} {x2} {y}", ((x1 + x2) / 2, y + dip * 0.75 + (-4 if back else 14))
