"""A case type as BPMN 2.0 XML (OMG formal/2011-01-03), with lanes, timers and diagram interchange."""

from xml.etree import ElementTree as ET

from qingyuan.dispatching.casework import CaseType, State
from qingyuan.dispatching.layout import LANE, Box, Layout, laid_out
from qingyuan.dispatching.time_limits import shipped_limit

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
for prefix, uri in {"bpmn": BPMN, "bpmndi": BPMNDI, "dc": DC, "di": DI, "xsi": XSI}.items():
    ET.register_namespace(prefix, uri)


def xml(case_type: type[CaseType]) -> str:
    """The whole document; titles in Chinese, the English ones as documentation."""
    layout = laid_out(case_type)
    root = ET.Element(
        f"{{{BPMN}}}definitions", id="definitions", targetNamespace=f"urn:qingyuan:case-type:{case_type.code}"
    )
    _process(root, case_type, layout)
    _diagram(root, case_type, layout)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


def _process(root: ET.Element, case_type: type[CaseType], layout: Layout) -> None:
    process = _add(root, "process", id=case_type.code, name=case_type.title.zh, isExecutable="false")
    _add(process, "documentation").text = case_type.title.en
    lanes = _add(process, "laneSet", id="lanes")
    for row, role in enumerate(layout.lanes):
        lane = _add(lanes, "lane", id=f"lane_{row}", name=role.value if role else "ended")
        for state in case_type.states:
            if state.holder == role:
                _add(lane, "flowNodeRef").text = state.code
    _add(process, "startEvent", id="opened")
    for state in case_type.states:
        _node(process, state)
    _flow(process, "opened_flow", "opened", case_type.starts)
    for source, move in case_type.steps():
        flow = _flow(process, f"{source}_{move.verb}", source, move.target)
        flow.set("name", move.title.zh)
        needs = "; ".join(need.title.en for need in move.needs)
        _add(flow, "documentation").text = f"{move.title.en}. {needs}".strip()
        condition = _add(flow, "conditionExpression")
        condition.set(f"{{{XSI}}}type", "bpmn:tFormalExpression")
        condition.text = f'verb = "{move.verb}"'


def _node(process: ET.Element, state: State) -> None:
    node = _add(process, "endEvent" if state.final else "userTask", id=state.code, name=state.title.zh)
    _add(node, "documentation").text = state.title.en
    if state.clock is None:
        return
    limit = shipped_limit(state.clock.limit)
    timer = _add(process, "boundaryEvent", id=f"{state.code}_clock", attachedToRef=state.code, cancelActivity="false")
    timer.set("name", limit.title.zh)
    _add(
        timer, "documentation"
    ).text = f"escalates to {state.clock.escalates_to.value}; {limit.document} {limit.clause}"
    event = _add(timer, "timerEventDefinition", id=f"{state.code}_timer")
    duration = _add(event, "timeDuration")
    duration.set(f"{{{XSI}}}type", "bpmn:tFormalExpression")
    duration.text = f"PT{limit.hours:g}H"


def _flow(process: ET.Element, code: str, source: str, target: str) -> ET.Element:
    return _add(process, "sequenceFlow", id=code, sourceRef=source, targetRef=target)


def _diagram(root: ET.Element, case_type: type[CaseType], layout: Layout) -> None:
    diagram = ET.SubElement(root, f"{{{BPMNDI}}}BPMNDiagram", id="diagram")
    plane = ET.SubElement(diagram, f"{{{BPMNDI}}}BPMNPlane", id="plane", bpmnElement=case_type.code)
    for row in range(len(layout.lanes)):
        _shape(plane, f"lane_{row}", Box(0, row * LANE, layout.width, LANE))
    first = layout.boxes[case_type.starts]
    _shape(plane, "opened", Box(first.x - 66, first.y + 9, 36, 36))
    for code, box in layout.boxes.items():
        _shape(plane, code, box)
        if case_type.state(code).clock:
            _shape(plane, f"{code}_clock", Box(box.x + box.width - 30, box.y + box.height - 18, 36, 36))
    _edge(plane, "opened_flow", (first.x - 30, first.middle[1]), (first.x, first.middle[1]))
    for source, move in case_type.steps():
        _edge(plane, f"{source}_{move.verb}", layout.boxes[source].middle, layout.boxes[move.target].middle)


def _shape(plane: ET.Element, code: str, box: Box) -> None:
    shape = ET.SubElement(plane, f"{{{BPMNDI}}}BPMNShape", id=f"{code}_shape", bpmnElement=code)
    sizes = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    ET.SubElement(shape, f"{{{DC}}}Bounds", {name: f"{value:g}" for name, value in sizes.items()})


def _edge(plane: ET.Element, code: str, *points: tuple[float, float]) -> None:
    edge = ET.SubElement(plane, f"{{{BPMNDI}}}BPMNEdge", id=f"{code}_edge", bpmnElement=code)
    for x, y in points:
        ET.SubElement(edge, f"{{{DI}}}waypoint", x=f"{x:g}", y=f"{y:g}")


def _add(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{BPMN}}}{tag}", attributes)
