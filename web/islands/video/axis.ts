import type { EChartsCoreOption } from "echarts/core";
import { SHANGHAI_MS } from "../../kit/time";
import type { ChartAnswer } from "../chart/contract";
import { chartOption } from "../chart/option";
import { tooltipAt } from "../chart/tooltip";
import type { Camera, Footage } from "./contract";
import { bands } from "./items";

const BAND_PX = 16;
const ZOOM_PX = 52;
const OTHER = "#9aa9ae";
const CHOSEN = "#0f766e";
const MUTED = "#52636a";

/** The height of the whole plot: the chart, a band a camera, and the slider below. */
export const plotHeight = (chart: number, cameras: number): number => chart + cameras * BAND_PX;

/** The chart of one channel with a band for each camera under it, on one axis of time that is the span asked for. */
export function axisOption(answer: ChartAnswer, footage: Footage, chosen: string, narrow: boolean): EChartsCoreOption {
  const option = chartOption(answer, narrow, (at) => tooltipAt(answer, at)) as Record<string, unknown>;
  const span = { min: footage.from + SHANGHAI_MS, max: footage.to + SHANGHAI_MS };
  const grid = option["grid"] as Record<string, unknown>;
  const across = { left: narrow ? 44 : 60, right: grid["right"], containLabel: false };
  const deep = footage.cameras.length * BAND_PX;
  return {
    ...option,
    grid: [
      { ...across, top: 28, bottom: ZOOM_PX + deep + 22 },
      { ...across, height: deep, bottom: ZOOM_PX },
    ],
    xAxis: [
      { ...(option["xAxis"] as object), ...span },
      { type: "time", gridIndex: 1, ...span, axisLabel: { show: false }, axisTick: { show: false }, axisLine: { show: false }, axisPointer: { show: false } },
    ],
    yAxis: [option["yAxis"], bandAxis(footage.cameras)],
    dataZoom: (option["dataZoom"] as object[]).map((zoom) => ({ ...zoom, xAxisIndex: [0, 1] })),
    series: [...(option["series"] as object[]), ...footage.cameras.map((camera, row) => bandOf(footage, camera, row, chosen))],
  };
}

function bandAxis(cameras: Camera[]): object {
  return {
    type: "value", gridIndex: 1, min: 0, max: Math.max(1, cameras.length), inverse: true, interval: 1,
    axisLabel: { show: false }, axisTick: { show: false }, axisLine: { show: false },
    splitLine: { lineStyle: { color: "#e6ecec" } }, nameTextStyle: { color: MUTED },
  };
}

function bandOf(footage: Footage, camera: Camera, row: number, chosen: string): object {
  const items = footage.footage.filter((item) => item.camera === camera.code && item.url);
  const line = bands(items).flatMap(([from, to]) => {
    const [first, last] = [Math.max(from, footage.from) + SHANGHAI_MS, Math.min(to, footage.to) + SHANGHAI_MS];
    return [[first, row + 0.5], [last, row + 0.5], [last + 1, null]];
  });
  return {
    type: "line", id: `band-${camera.code}`, name: camera.title, xAxisIndex: 1, yAxisIndex: 1, data: line, showSymbol: false, silent: true,
    connectNulls: false, color: camera.code === chosen ? CHOSEN : OTHER, lineStyle: { width: 10, cap: "butt" },
    tooltip: { show: false }, emphasis: { disabled: true }, z: 3,
  };
}

/** A chart without readings, so that the axis stands all the same. */
export const emptyAnswer = (title: string): ChartAnswer => ({ title, unit: "", decimals: 0, series: [], limits: [], windows: [] });
