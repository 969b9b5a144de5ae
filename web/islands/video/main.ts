import "../chart/chart.css";
import "./video.css";
import { LineChart, ScatterChart } from "echarts/charts";
import { AriaComponent, DataZoomComponent, GridComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

import { button, h } from "../../kit/dom";
import { readJson } from "../../kit/fetching";
import { SHANGHAI_MS } from "../../kit/time";
import type { ChartAnswer } from "../chart/contract";
import { legendOf } from "../chart/legend";
import { axisOption, emptyAnswer, plotHeight } from "./axis";
import type { Footage, VideoProps } from "./contract";
import { neighbour } from "./items";
import { Player } from "./player";
import { spoken, valuesAt } from "./values";
import { say } from "./words";

echarts.use([
  LineChart, ScatterChart, AriaComponent, DataZoomComponent, GridComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent, SVGRenderer,
]);

const NARROW_PX = 560;
const WIDE_STEPS = 120; // how many presses of an arrow key cross the axis, and how many with Shift
const FAR_STEPS = 12;

export function mount(element: HTMLElement, props: unknown): void {
  void new Joined(element, props as VideoProps).start();
}

/** A picture and a chart that stand at the same instant. */
class Joined {
  private readonly note = h("div", {});
  private readonly pickers = h("div", { class: "qy-film-pickers" });
  private readonly values = h("div", { class: "qy-film-side" });
  private readonly head = h("div", { class: "qy-chart-head" });
  private readonly plot = h("div", { class: "qy-film-plot", role: "slider", tabindex: 0, "aria-label": say("axis") });
  private readonly cursor = h("div", { class: "qy-film-cursor", "aria-hidden": "true" });
  private readonly player = new Player((at) => this.stand(at));
  private drawing: echarts.ECharts | null = null;
  private footage: Footage | null = null;
  private answers: (ChartAnswer | null)[] = [];
  private channel = 0;
  private camera = "";
  private at = 0;

  constructor(
    private readonly element: HTMLElement,
    private readonly props: VideoProps,
  ) {}

  async start(): Promise<void> {
    this.note.replaceChildren(h("div", { class: "qy-skeleton", role: "status", "aria-label": say("loading") }));
    this.element.replaceChildren(this.note);
    try {
      const signal = AbortSignal.timeout(30_000);
      this.footage = await readJson<Footage>(this.props.footage, signal);
      this.answers = await Promise.all(this.props.channels.map((one) => readJson<ChartAnswer>(one.url, signal).catch(() => null)));
      this.show(this.footage);
    } catch (error) {
      this.element.dataset["state"] = "failing";
      const why = error instanceof Error ? error.message : String(error);
      this.note.replaceChildren(h("p", { class: "qy-island-note", role: "alert" }, h("span", {}, why), button(say("retry"), "refresh", () => void this.start())));
    }
  }

  private show(footage: Footage): void {
    this.camera = this.firstCamera(footage);
    const asked = Date.parse(this.props.at);
    this.at = Number.isFinite(asked) ? asked : (this.items()[0]?.from ?? footage.from);
    this.note.replaceChildren(...(footage.more ? [h("p", { class: "qy-island-note", role: "status" }, say("more"))] : []));
    const frame = h("div", { class: "qy-film-frame" }, this.plot, this.cursor);
    this.element.replaceChildren(this.note, this.pickers, h("div", { class: "qy-film-pair" }, this.player.element, this.values), this.head, frame);
    this.pick(footage);
    this.listen();
    this.draw();
    this.lookAtCamera();
    this.stand(this.at);
    this.element.dataset["state"] = "ready";
  }

  private firstCamera(footage: Footage): string {
    const codes = footage.cameras.map((one) => one.code);
    if (codes.includes(this.props.camera)) return this.props.camera;
    return footage.footage.find((item) => item.url)?.camera ?? codes[0] ?? "";
  }

  private items() {
    return (this.footage?.footage ?? []).filter((item) => item.camera === this.camera);
  }

  private pick(footage: Footage): void {
    const cameras = footage.cameras.map((one) => [one.code, `${one.title} (${one.looks_at})`] as const);
    const factors = this.props.channels.map((one, index) => [String(index), one.title] as const);
    this.pickers.replaceChildren(
      ...(cameras.length > 1 ? [choice(say("camera"), cameras, this.camera, (code) => this.chooseCamera(code))] : []),
      ...(factors.length > 1 ? [choice(say("factor"), factors, "0", (index) => this.chooseChannel(Number(index)))] : []));
  }

  private chooseCamera(code: string): void {
    this.camera = code;
    this.draw();
    this.lookAtCamera();
  }

  private chooseChannel(index: number): void {
    this.channel = index;
    this.draw();
    this.stand(this.at);
  }

  private lookAtCamera(): void {
    const title = this.footage?.cameras.find((one) => one.code === this.camera)?.title ?? "";
    this.player.look(this.items(), title);
    this.player.seek(this.at);
  }

  private draw(): void {
    const footage = this.footage;
    if (!footage) return;
    const title = this.props.channels[this.channel]?.title ?? "";
    const answer = this.answers[this.channel] ?? emptyAnswer(title);
    const hasReadings = answer.series.some((series) => series.points.length > 0);
    this.head.replaceChildren(h("h3", {}, answer.unit ? `${answer.title}, ${answer.unit}` : answer.title),
      hasReadings ? legendOf(answer) : h("p", { class: "qy-muted" }, say("noReadings")));
    const narrow = this.plot.clientWidth < NARROW_PX;
    this.plot.style.height = `${plotHeight(narrow ? 256 : 300, footage.cameras.length)}px`;
    this.drawing ??= this.begin();
    this.drawing.resize();
    this.drawing.setOption(axisOption(answer, footage, this.camera, narrow), { notMerge: true });
    this.place();
  }

  private begin(): echarts.ECharts {
    const drawing = echarts.init(this.plot, null, { renderer: "svg" });
    drawing.getZr().on("click", (event) => {
      const at = drawing.convertFromPixel({ xAxisIndex: 0 }, event.offsetX);
      const onSlider = event.offsetY > this.plot.clientHeight - 36;
      if (Number.isFinite(at) && !onSlider) this.go(Number(at) - SHANGHAI_MS);
    });
    drawing.on("datazoom", () => this.place());
    new ResizeObserver(() => {
      drawing.resize();
      this.place();
    }).observe(this.plot);
    return drawing;
  }

  private listen(): void {
    this.plot.addEventListener("keydown", (event) => {
      const to = this.byKey(event);
      if (to === null) return;
      event.preventDefault();
      event.stopPropagation();
      if (to !== undefined) this.go(to);
    });
  }

  /** Where a key leads; undefined where it does something else, null where it is not ours. */
  private byKey(event: KeyboardEvent): number | undefined | null {
    const footage = this.footage;
    if (!footage || event.ctrlKey || event.altKey || event.metaKey) return null;
    const step = (footage.to - footage.from) / (event.shiftKey ? FAR_STEPS : WIDE_STEPS);
    switch (event.key) {
      case "ArrowLeft": return this.at - step;
      case "ArrowRight": return this.at + step;
      case "Home": return footage.from;
      case "End": return footage.to;
      case "PageUp": return neighbour(this.items(), this.at, false)?.from;
      case "PageDown": return neighbour(this.items(), this.at, true)?.from;
      case " ": this.player.toggle(); return undefined;
      default: return null;
    }
  }

  private go(at: number): void {
    const { from, to } = this.footage ?? { from: at, to: at };
    const within = Math.min(Math.max(at, from), to);
    this.stand(within);
    this.player.seek(within);
  }

  /** The cursor and the words stand at an instant; the picture says when it moved by itself. */
  private stand(at: number): void {
    this.at = at;
    const titles = this.props.channels.map((one) => one.title);
    this.values.replaceChildren(valuesAt(this.answers, titles, at, this.props.stands));
    this.plot.setAttribute("aria-valuemin", String(this.footage?.from ?? 0));
    this.plot.setAttribute("aria-valuemax", String(this.footage?.to ?? 0));
    this.plot.setAttribute("aria-valuenow", String(Math.round(at)));
    this.plot.setAttribute("aria-valuetext", spoken(this.answers[this.channel] ?? null, titles[this.channel] ?? "", at, this.props.stands));
    this.place();
  }

  private place(): void {
    const x = this.drawing?.convertToPixel({ xAxisIndex: 0 }, this.at + SHANGHAI_MS);
    const left = Number(x);
    this.cursor.hidden = !Number.isFinite(left) || left < 0 || left > this.plot.clientWidth;
    this.cursor.style.transform = `translateX(${left}px)`;
  }
}

function choice(title: string, options: readonly (readonly [string, string])[], chosen: string, picked: (value: string) => void): HTMLElement {
  const select = h("select", { class: "form-select" }, ...options.map(([value, words]) => h("option", { value, selected: value === chosen }, words)));
  select.addEventListener("change", () => picked(select.value));
  return h("label", {}, h("span", {}, title), select);
}
