import "./chart.css";
import { LineChart, ScatterChart } from "echarts/charts";
import { AriaComponent, DataZoomComponent, GridComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

import { button, h } from "../../kit/dom";
import { readJson } from "../../kit/fetching";
import { amount } from "../../kit/language";
import { pointAt } from "../../kit/instants";
import { onRefresh } from "../../kit/refreshing";
import { clockTime, stamp } from "../../kit/time";
import { type ChartAnswer, type ChartProps, isValid } from "./contract";
import { saveCsv, savePng } from "./files";
import { legendOf } from "./legend";
import { chartOption } from "./option";
import { brokenLimit, extentOf, rowsOf } from "./rows";
import { tableOf } from "./table";
import { tooltipAt } from "./tooltip";
import { say } from "./words";

echarts.use([
  LineChart, ScatterChart, AriaComponent, DataZoomComponent, GridComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent, SVGRenderer,
]);

const NARROW_PX = 560;

export function mount(element: HTMLElement, props: unknown): void {
  new Chart(element, props as ChartProps).start();
}

/** One chart: reads its address, draws, and keeps what it shows when a later read fails. */
class Chart {
  private readonly head = h("div", { class: "qy-chart-head" });
  private readonly note = h("div", {});
  private readonly plot = h("div", { class: "qy-chart-plot", role: "img" });
  private readonly rows = h("div", { hidden: true });
  private drawing: echarts.ECharts | null = null;
  private answer: ChartAnswer | null = null;
  private readAt = 0;

  constructor(
    private readonly element: HTMLElement,
    private readonly props: ChartProps,
  ) {}

  start(): void {
    this.note.append(h("div", { class: "qy-skeleton", role: "status", "aria-label": say("loading") }));
    this.plot.hidden = true;
    this.element.replaceChildren(this.head, this.note, this.plot, this.rows);
    onRefresh(this.element, () => this.read());
    new ResizeObserver(() => this.fit()).observe(this.plot);
    void this.read();
  }

  private async read(): Promise<void> {
    try {
      const answer = await readJson<ChartAnswer>(this.props.url, AbortSignal.timeout(30_000));
      this.answer = answer;
      this.readAt = Date.now();
      this.note.replaceChildren();
      if (rowsOf(answer).length === 0) this.showEmpty(answer);
      else this.show(answer);
    } catch (error) {
      this.showFailure(error instanceof Error ? error.message : String(error));
    }
  }

  private showEmpty(answer: ChartAnswer): void {
    this.element.dataset["state"] = "empty";
    this.plot.hidden = true;
    this.head.replaceChildren(h("h3", {}, answer.title));
    this.note.replaceChildren(h("p", { class: "qy-island-note", role: "status" }, say("empty")));
  }

  private showFailure(why: string): void {
    const kept = this.answer !== null && rowsOf(this.answer).length > 0;
    this.element.dataset["state"] = kept ? "stale" : "failing";
    const text = kept ? say("stale", { at: clockTime(this.readAt), why }) : why;
    this.note.replaceChildren(
      h("p", { class: "qy-island-note", role: "alert" }, h("span", {}, text), button(say("retry"), "refresh", () => void this.read())),
    );
  }

  private show(answer: ChartAnswer): void {
    this.element.dataset["state"] = "ready";
    if (!this.head.querySelector(".qy-chart-tools")) this.head.replaceChildren(h("h3", {}), h("div", { class: "qy-legend" }), this.tools());
    this.head.querySelector("h3")?.replaceChildren(`${answer.title}, ${answer.unit}`);
    this.head.querySelector(".qy-legend")?.replaceWith(legendOf(answer));
    this.plot.setAttribute("aria-label", describe(answer));
    if (!this.rows.hidden) this.rows.replaceChildren(tableOf(answer));
    else this.plot.hidden = false;
    this.draw(answer);
  }

  private draw(answer: ChartAnswer): void {
    if (this.plot.hidden) return;
    this.drawing ??= this.begin();
    const narrow = this.plot.clientWidth < NARROW_PX;
    const tip = (at: number): HTMLElement => {
      if (this.props.moves) pointAt(this.props.moves, at);
      return tooltipAt(answer, at);
    };
    this.drawing.setOption(chartOption(answer, narrow, tip), { replaceMerge: ["series"] });
  }

  private begin(): echarts.ECharts {
    const drawing = echarts.init(this.plot, null, { renderer: "svg" });
    const { moves } = this.props;
    if (moves) drawing.on("globalout", () => pointAt(moves, null));
    return drawing;
  }

  private fit(): void {
    if (this.plot.hidden || !this.drawing || !this.answer) return;
    this.drawing.resize();
    this.draw(this.answer);
  }

  private tools(): HTMLElement {
    const table = button(say("table"), "table", () => {
      const toTable = this.rows.hidden;
      this.rows.hidden = !toTable;
      this.plot.hidden = toTable;
      table.setAttribute("aria-pressed", String(toTable));
      if (!this.answer) return;
      if (toTable) this.rows.replaceChildren(tableOf(this.answer));
      else this.draw(this.answer);
    });
    table.setAttribute("aria-pressed", "false");
    return h("div", { class: "qy-chart-tools btn-list", role: "group", "aria-label": say("tools") },
      table,
      button(say("wholeRange"), "zoom-reset", () => this.drawing?.dispatchAction({ type: "dataZoom", start: 0, end: 100 }), true),
      button(say("savePng"), "photo", () => void this.picture()),
      button(say("saveCsv"), "download", () => this.answer && saveCsv(this.answer)),
    );
  }

  private async picture(): Promise<void> {
    if (!this.answer) return;
    const wide = h("div", { class: "qy-chart-off-screen" });
    document.body.append(wide);
    const drawing = echarts.init(wide, null, { renderer: "svg", width: 1200, height: 480 });
    const shown = this.drawing?.getOption() as { dataZoom?: { start: number; end: number }[] } | undefined;
    const { start = 0, end = 100 } = shown?.dataZoom?.[0] ?? {};
    drawing.setOption({ ...chartOption(this.answer, false, () => h("div")), tooltip: { show: false } });
    drawing.dispatchAction({ type: "dataZoom", start, end });
    const svg = wide.querySelector("svg");
    if (svg) await savePng(this.answer, new XMLSerializer().serializeToString(svg), 1200, 480);
    drawing.dispose();
    wide.remove();
  }
}

/** The chart in one sentence, for those who do not see it. */
function describe(answer: ChartAnswer): string {
  const rows = rowsOf(answer);
  const extent = extentOf(answer);
  const valid = rows.flatMap((row) => row.cells).filter((point) => point && point[1] !== null && isValid(point[2]));
  return say("describe", {
    title: answer.title,
    unit: answer.unit,
    from: stamp(rows[0]?.at ?? 0),
    to: stamp(rows.at(-1)?.at ?? 0),
    low: amount(extent?.low, answer.decimals),
    high: amount(extent?.high, answer.decimals),
    last: amount(valid.at(-1)?.[1], answer.decimals),
    over: valid.filter((point) => brokenLimit(point, answer.limits)).length,
  });
}

