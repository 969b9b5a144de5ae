import { h } from "../../kit/dom";
import { boundSign, isValid, type ChartAnswer, type Window } from "./contract";
import { stamp } from "../../kit/time";
import { FORECAST_COLOUR, isBandCut, isOnScale, lineColour } from "./option";
import { extentOf } from "./rows";
import { say } from "./words";

/** Every mark that is drawn, with its word; windows lead to their records. */
export function legendOf(answer: ChartAnswer): HTMLElement {
  const list = h("ul", { class: "qy-legend" });
  if (answer.series.length > 1) {
    answer.series.forEach((series, index) => list.append(entry("is-line", lineColour(index), series.name)));
  }
  if (answer.forecast) {
    const { name, band, issued } = answer.forecast;
    list.append(entry("is-dashed", FORECAST_COLOUR, say("aside", { text: `${name}, ${band}`, more: issuedWords(answer, issued) })));
  }
  const extent = extentOf(answer);
  for (const limit of answer.limits) {
    const text = `${boundSign(limit)} ${limit.value} ${answer.unit}, ${limit.name}`;
    list.append(entry("is-dashed", "#b5161b", isOnScale(limit, extent) ? text : say("aside", { text, more: say("offScale") })));
  }
  for (const kind of ["finding", "peak", "maintenance", "invalid"] as const) {
    const windows = answer.windows.filter((window) => window.kind === kind);
    if (windows.length > 0) list.append(windowEntry(kind, windows));
  }
  if (answer.series.some((series) => series.points.some(([, value, mark]) => value !== null && !isValid(mark)))) {
    list.append(entry("is-hollow", lineColour(0), say("notValidShort")));
  }
  return list;
}

/** When the forecast was issued, and that its interval goes on above the chart where it does. */
function issuedWords(answer: ChartAnswer, at: number): string {
  const issued = say("issued", { at: stamp(at) });
  return isBandCut(answer) ? say("cut", { issued }) : issued;
}

function entry(shape: string, colour: string, text: string): HTMLLIElement {
  const swatch = h("i", { class: `qy-swatch ${shape}`, "aria-hidden": "true" });
  swatch.style.color = colour;
  return h("li", {}, swatch, text);
}

function windowEntry(kind: Window["kind"], windows: Window[]): HTMLLIElement {
  const swatch = h("i", { class: `qy-swatch is-window is-${kind}`, "aria-hidden": "true" });
  const only = windows.length === 1 ? windows[0] : undefined;
  const text = only ? say("named", { name: say(kind), value: only.title }) : `${say(kind)} × ${windows.length}`;
  return h("li", {}, swatch, only?.href ? h("a", { href: only.href }, text) : text);
}
