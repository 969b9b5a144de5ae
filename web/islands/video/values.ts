import { h } from "../../kit/dom";
import { amount } from "../../kit/language";
import { fullStamp } from "../../kit/time";
import { boundSign, isValid, type ChartAnswer, type Limit, type Point } from "../chart/contract";
import { brokenLimit, usualStep } from "../chart/rows";
import { remark } from "../chart/tooltip";
import { say } from "./words";

const LONE_STANDS_MS = 60_000; // a value whose usual step is not known

/** The value that stands at an instant: the newest one from it or before, if its period has not ended. */
function standing(answer: ChartAnswer | null, at: number, stands: readonly number[]): Point | undefined {
  const series = answer?.series ?? [];
  for (const [index, { points }] of series.entries()) {
    const found = points.filter((point) => point[0] <= at).at(-1);
    const step = usualStep(points);
    const lasts = stands[index] || (Number.isFinite(step) ? step * 1.5 : LONE_STANDS_MS);
    if (found && at - found[0] <= lasts) return found;
  }
  return undefined;
}

/** What each channel read at an instant, in words, with its limit. */
export function valuesAt(answers: readonly (ChartAnswer | null)[], titles: readonly string[], at: number, stands: readonly number[]): HTMLElement {
  const body = h("tbody", {});
  answers.forEach((answer, index) => {
    const point = standing(answer, at, stands);
    const limit = answer?.limits[0];
    const over = answer && point ? brokenLimit(point, answer.limits) : undefined;
    const value = answer && point ? `${amount(point[1], answer.decimals)} ${answer.unit}` : say("noValue");
    body.append(h("tr", {},
      h("th", { scope: "row" }, titles[index] ?? ""),
      h("td", { class: over ? "is-number qy-over" : "is-number" }, value),
      h("td", { title: limit?.name }, answer && point ? [remark(answer, point), isValid(point[2]) ? bound(over, answer.limits) : ""].filter(Boolean).join(" ") : "")));
  });
  return h("table", { class: "qy-table qy-film-values" }, h("caption", {}, `${say("valueAt")} ${fullStamp(at)}`), body);
}

/** The limit that is broken, or those of one name: both ends of a range. */
function bound(over: Limit | undefined, limits: readonly Limit[]): string {
  const first = over ?? limits[0];
  const shown = over ? [over] : limits.filter((limit) => limit.name === first?.name);
  return shown.map((limit) => `${boundSign(limit)} ${limit.value}`).reverse().join(" ");
}

/** The instant and the value of the chart's channel in one sentence, for those who hear the axis. */
export function spoken(answer: ChartAnswer | null, title: string, at: number, stands: readonly number[]): string {
  const point = standing(answer, at, stands);
  if (!answer || !point) return `${fullStamp(at)} ${title} ${say("noValue")}`;
  return `${fullStamp(at)} ${title} ${amount(point[1], answer.decimals)} ${answer.unit} ${remark(answer, point)}`.trim();
}
