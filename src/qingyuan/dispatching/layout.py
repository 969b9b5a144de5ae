"""Where states stand when a case type is drawn: a lane for each role, a column for each step from the start."""

from dataclasses import dataclass

from qingyuan.dispatching.casework import CaseType
from qingyuan.people.queries import Role

LANE_HEAD, COLUMN, LANE, BOX_WIDTH, BOX_HEIGHT = 150, 250, 130, 154, 54


@dataclass(frozen=True)
class Box:
    """A state's rectangle. [px]"""

    x: float
    y: float
    width: float = BOX_WIDTH
    height: float = BOX_HEIGHT

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True)
class Layout:
    """Lanes from top to bottom and a box for each state. [px]"""

    lanes: tuple[Role | None, ...]
    boxes: dict[str, Box]

    @property
    def width(self) -> float:
        return max(box.x + box.width for box in self.boxes.values()) + 60

    @property
    def height(self) -> float:
        return len(self.lanes) * LANE


def laid_out(case_type: type[CaseType]) -> Layout:
    """Lanes in the order in which the table first names the roles; final states in a lane of their own."""
    depth = _depth(case_type)
    lanes = tuple(dict.fromkeys(state.holder for state in case_type.states))
    taken: set[tuple[int, int]] = set()
    boxes = {}
    for state in sorted(case_type.states, key=lambda state: depth[state.code]):
        row, column = lanes.index(state.holder), depth[state.code]
        while (row, column) in taken:
            column += 1
        taken.add((row, column))
        boxes[state.code] = Box(LANE_HEAD + 40 + column * COLUMN, row * LANE + (LANE - BOX_HEIGHT) / 2)
    return Layout(lanes, boxes)


def _depth(case_type: type[CaseType]) -> dict[str, int]:
    """Steps from where a case opens; a state that nothing leads to stands at the end."""
    depth = {case_type.starts_unassigned: 0, case_type.starts: 1}
    waiting = [case_type.starts]
    while waiting:
        source = waiting.pop(0)
        for move in case_type.moves_from(source):
            if move.target not in depth:
                depth[move.target] = depth[source] + 1
                waiting.append(move.target)
    return {state.code: depth.get(state.code, len(depth)) for state in case_type.states}
