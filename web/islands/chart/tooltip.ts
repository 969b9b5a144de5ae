import { h } from "../../kit/dom";
import { amount } from "../../kit/language";
import { fullStamp } from "../../kit/time";
import { isValid, type ChartAnswer, type Point } from "./contract";
import { FORECAST_COLOUR, lineColour } from "./option";
import { brokenLimit, usualStep } from "./rows";
import { markTitle } from "./table";
import { say } from "./words";

const HALF_AN_HOUR = 30 * 60_000;

/** Every channel at that instant, with its mark, and the windows that hold it. */
export function tooltipAt(answer: ChartAnswer, at: number): HTMLElement {
  const list = h("table", {});
  answer.series.forEach((series, index) => {
    const point = nearest(series.points, at);
    const swatch = h("i", { class: "qy-swatch is-line" });
    swatch.style.color = lineColour(index);
    list.append(h("tr", {},
      h("th", { scope: "row" }, swatch, series.name),
      h("td", {}, `${amount(point?.[1], answer.decimals)} ${answer.unit}`),
      h("td", {}, remark(answer, point))));
  });
  const ahead = answer.forecast?.points.find((point) => Math.abs(point[0] - at) <= HALF_AN_HOUR);
  if (answer.forecast && ahead) {
    const swatch = h("i", { class: "qy-swatch is-dashed" });
    swatch.style.color = FORECAST_COLOUR;
    const [value, low, high] = ahead.slice(1).map((figure) => amount(figure, answer.decimals));
    list.append(h("tr", {},
      h("th", { scope: "row" }, swatch, answer.forecast.name), h("td", {}, `${value} ${answer.unit}`), h("td", {}, `${answer.forecast.band} ${low}–${high}`)));
  }
  const windows = answer.windows.filter((window) => window.from <= at && at <= (window.to ?? Number.POSITIVE_INFINITY));
  return h("div", { class: "qy-chart-tip" }, h("strong", {}, fullStamp(at)), list,
    ...windows.map((window) => h("p", {}, `${say(window.kind)}: ${window.title}${window.to === null ? ` (${say("ongoing")})` : ""}`)));
}

export function remark(answer: ChartAnswer, point: Point | undefined): string {
  if (!point) return "";
  if (!isValid(point[2])) return markTitle(answer, point[2]);
  const limit = brokenLimit(point, answer.limits);
  return limit ? say(limit.bound === "lower" ? "under" : "over") : "";
}

/** The point at that instant, or the closest one not further than half the usual step. */
function nearest(points: readonly Point[], at: number): Point | undefined {
  let low = 0;
  let high = points.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.[0] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  const [before, after] = [points[low - 1], points[low]];
  const closest = before && (!after || at - before[0] < after[0] - at) ? before : after;
  return closest && Math.abs(closest[0] - at) <= usualStep(points) / 2 ? closest : undefined;
}
