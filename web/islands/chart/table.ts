import { h } from "../../kit/dom";
import { amount, count } from "../../kit/language";
import { fullStamp } from "../../kit/time";
import { isValid, type ChartAnswer, type Forecast, type Point } from "./contract";
import { brokenLimit, rowsOf, type Row } from "./rows";
import { say } from "./words";

const ROWS_AT_ONCE = 500;

/** The same data as a real table, newest first. */
export function tableOf(answer: ChartAnswer, shown = ROWS_AT_ONCE): HTMLElement {
  const rows = rowsOf(answer).reverse();
  const head = h("tr", {}, h("th", { scope: "col" }, say("time")));
  for (const series of answer.series) {
    head.append(h("th", { scope: "col", class: "is-number" }, `${series.name}, ${answer.unit}`), h("th", { scope: "col" }, say("mark")));
  }
  const body = h("tbody", {}, ...rows.slice(0, shown).map((row) => rowOf(answer, row)));
  const box = h("div", { class: "qy-table-box qy-chart-rows", tabindex: 0, role: "region", "aria-label": answer.title },
    h("table", { class: "qy-table" },
      h("caption", {}, say("rows", { title: answer.title, count: count(rows.length) })), h("thead", {}, head), body));
  if (answer.forecast) box.prepend(aheadOf(answer, answer.forecast));
  const left = rows.length - shown;
  if (left > 0) {
    const more = h("button", { type: "button", class: "btn btn-sm m-2" }, say("more", { count: Math.min(left, ROWS_AT_ONCE) }));
    more.addEventListener("click", () => box.replaceWith(tableOf(answer, shown + ROWS_AT_ONCE)));
    box.append(more);
  }
  return box;
}

/** The forecast as a table, the next hour first. */
function aheadOf(answer: ChartAnswer, forecast: Forecast): HTMLTableElement {
  const head = h("tr", {}, h("th", { scope: "col" }, say("time")), h("th", { scope: "col", class: "is-number" }, `${forecast.name}, ${answer.unit}`), h("th", { scope: "col" }, forecast.band));
  const rows = forecast.points.map(([at, value, low, high]) =>
    h("tr", {}, h("th", { scope: "row" }, fullStamp(at)), h("td", { class: "is-number" }, amount(value, answer.decimals)),
      h("td", {}, `${amount(low, answer.decimals)}–${amount(high, answer.decimals)}`)));
  return h("table", { class: "qy-table" }, h("caption", {}, say("issued", { at: fullStamp(forecast.issued) })), h("thead", {}, head), h("tbody", {}, ...rows));
}

function rowOf(answer: ChartAnswer, row: Row): HTMLTableRowElement {
  const made = h("tr", {}, h("th", { scope: "row" }, fullStamp(row.at)));
  row.cells.forEach((point, column) => {
    const limit = brokenLimit(point, answer.limits);
    const text = amount(point?.[1], answer.decimals);
    const address = answer.series[column]?.reading_url?.replace("{at}", String(row.at));
    made.append(
      h("td", { class: limit ? "is-number qy-over" : "is-number" }, address && point ? h("a", { href: address }, text) : text),
      h("td", {}, markText(answer, point, limit?.bound)),
    );
  });
  return made;
}

function markText(answer: ChartAnswer, point: Point | undefined, broken: "upper" | "lower" | undefined): string {
  if (!point) return "—";
  if (!isValid(point[2])) return markTitle(answer, point[2]);
  return broken ?? brokenLimit(point, answer.limits) ? say(broken === "lower" ? "under" : "over") : say("normal");
}

export function markTitle(answer: ChartAnswer, mark: string | null | undefined): string {
  const code = mark ?? "";
  return say("notValid", { mark: answer.marks?.[code] ?? code });
}
