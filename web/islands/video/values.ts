import { h } from "../../kit/dom";
import { amount } from "../../kit/language";
import { fullStamp } from "../../kit/time";
import { boundSign, isValid, type ChartAnswer } from "../chart/contract";
import { brokenLimit } from "../chart/rows";
import { nearest, remark } from "../chart/tooltip";
import { say } from "./words";

/** What each channel read at an instant, in words, with its limit. */
export function valuesAt(answers: readonly (ChartAnswer | null)[], titles: readonly string[], at: number): HTMLElement {
  const body = h("tbody", {});
  answers.forEach((answer, index) => {
    const point = answer?.series.map((series) => nearest(series.points, at)).find((one) => one !== undefined);
    const limit = answer?.limits[0];
    const over = answer && point ? brokenLimit(point, answer.limits) : undefined;
    const value = answer && point ? `${amount(point[1], answer.decimals)} ${answer.unit}` : say("noValue");
    body.append(h("tr", {},
      h("th", { scope: "row" }, titles[index] ?? ""),
      h("td", { class: over ? "is-number qy-over" : "is-number" }, value),
      h("td", {}, answer && point ? remark(answer, point) || (isValid(point[2]) && limit ? `${boundSign(limit)} ${limit.value}` : "") : "")));
  });
  return h("table", { class: "qy-table qy-film-values" }, h("caption", {}, `${say("valueAt")} ${fullStamp(at)}`), body);
}

/** The instant and the value of the chart's channel in one sentence, for those who hear the axis. */
export function spoken(answer: ChartAnswer | null, title: string, at: number): string {
  const point = answer?.series.map((series) => nearest(series.points, at)).find((one) => one !== undefined);
  if (!answer || !point) return `${fullStamp(at)} ${title} ${say("noValue")}`;
  return `${fullStamp(at)} ${title} ${amount(point[1], answer.decimals)} ${answer.unit} ${remark(answer, point)}`.trim();
}
