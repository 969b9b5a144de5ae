import type { EChartsCoreOption } from "echarts/core";
import { SHANGHAI_MS, stamp } from "../../kit/time";
import { boundSign, type ChartAnswer, type Forecast, type Limit, type Window } from "./contract";
import { extentOf, invalidPoints, lonelyPoints, validLine, type Extent } from "./rows";
import { say } from "./words";

/** Told apart by lightness as well as hue, so that print and colour-blind readers keep up. */
export const LINE_COLOURS = ["#0f766e", "#7a3db8", "#1d58b8", "#a0522d", "#4b5b20", "#9d174d"];
const LIMIT_COLOUR = "#b5161b";
export const FORECAST_COLOUR = "#b45309";
const INK = "#18282c";
const MUTED = "#52636a";
const WINDOW_FILL: Record<Window["kind"], string> = {
  finding: "rgba(181, 22, 27, 0.11)",
  peak: "rgba(174, 74, 4, 0.13)",
  maintenance: "rgba(29, 88, 184, 0.12)",
  invalid: "rgba(85, 100, 107, 0.18)",
};

/** A limit far from the data would flatten them; beyond this it stays off the scale and the legend says so. */
const LIMIT_REACH = 4;
/** The upper end of a forecast's band would too: it may take this much of what the values, limits and medians need. */
const BAND_REACH = 1.6;

export const lineColour = (index: number): string => LINE_COLOURS[index % LINE_COLOURS.length] ?? INK;

export function isOnScale(limit: Limit, extent: Extent | null): boolean {
  if (!extent || extent.high <= 0) return true;
  const broken = limit.bound === "upper" && limit.value >= 0 && limit.value < extent.low; // by every value: it is shown
  return broken || (limit.value <= extent.high * LIMIT_REACH && limit.value >= extent.low / LIMIT_REACH);
}

export function chartOption(answer: ChartAnswer, narrow: boolean, tooltip: (at: number) => HTMLElement): EChartsCoreOption {
  return {
    useUTC: true,
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: INK },
    aria: { enabled: true, label: { enabled: false } },
    grid: { top: 28, right: 30, bottom: 40, left: 8, containLabel: true },
    tooltip: tooltipOption(tooltip),
    xAxis: timeAxis(answer),
    yAxis: valueAxis(answer),
    dataZoom: zoom(),
    series: seriesOption(answer, narrow),
  };
}

function tooltipOption(tooltip: (at: number) => HTMLElement): object {
  return {
    trigger: "axis",
    confine: true,
    transitionDuration: 0,
    padding: 0,
    borderWidth: 0,
    axisPointer: { type: "line", lineStyle: { color: MUTED }, label: { show: false } },
    formatter: (params: unknown) => {
      const first = (Array.isArray(params) ? params[0] : params) as { axisValue: number } | undefined;
      return tooltip(Number(first?.axisValue ?? 0) - SHANGHAI_MS);
    },
  };
}

function timeAxis(answer: ChartAnswer): object {
  const end = answer.windows.length > 0 ? endOfNewest(answer) : -Infinity;
  return {
    type: "time",
    max: (axis: { max: number }) => Math.max(axis.max, end),
    axisLine: { lineStyle: { color: MUTED } },
    axisLabel: {
      color: MUTED,
      hideOverlap: true,
      formatter: { year: "{yyyy}", month: "{MM}-{dd}", day: "{MM}-{dd}", hour: "{HH}:{mm}", minute: "{HH}:{mm}", second: "{HH}:{mm}:{ss}" },
    },
  };
}

function valueAxis(answer: ChartAnswer): object {
  const extent = extentOf(answer);
  const shown = answer.limits.filter((limit) => isOnScale(limit, extent)).map((limit) => limit.value);
  const ahead = answer.forecast?.points ?? [];
  const low = Math.min(extent?.low ?? 0, ...shown, ...ahead.map((point) => point[2]));
  const high = highEnd(answer);
  const isNarrowBand = low > 0 && low > high * 0.6;
  const margin = (high - low || high || 1) * 0.08;
  return {
    type: "value",
    name: answer.unit,
    nameTextStyle: { color: MUTED, align: "left" },
    nameGap: 10,
    min: low < 0 || isNarrowBand ? low - margin : 0,
    max: high + margin,
    axisLabel: { color: MUTED, showMinLabel: low >= 0 && !isNarrowBand, showMaxLabel: false },
    splitLine: { lineStyle: { color: "#e6ecec" } },
  };
}

/** What values, limits and medians need, and how far the interval of the forecast goes up. */
function upperEnds(answer: ChartAnswer): { needed: number; band: number } {
  const extent = extentOf(answer);
  const shown = answer.limits.filter((limit) => isOnScale(limit, extent)).map((limit) => limit.value);
  const ahead = answer.forecast?.points ?? [];
  const needed = Math.max(extent?.high ?? (ahead.length > 0 ? 0 : 1), ...shown, ...ahead.map((point) => point[1]));
  return { needed, band: Math.max(-Infinity, ...ahead.map((point) => point[3])) };
}

function highEnd(answer: ChartAnswer): number {
  const { needed, band } = upperEnds(answer);
  return needed > 0 ? Math.max(needed, Math.min(band, needed * BAND_REACH)) : Math.max(needed, band);
}

/** Whether the interval of the forecast goes on above the chart. */
export const isBandCut = (answer: ChartAnswer): boolean => upperEnds(answer).band > highEnd(answer);

function zoom(): object[] {
  return [
    { type: "inside", filterMode: "none", zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false, preventDefaultMouseMove: false },
    {
      type: "slider", filterMode: "none", height: 22, bottom: 8, brushSelect: false, showDataShadow: "auto",
      borderColor: "#dbe3e4", fillerColor: "rgba(15, 118, 110, 0.12)", handleStyle: { color: "#fff", borderColor: "#0f766e" },
      moveHandleSize: 0, textStyle: { color: MUTED },
      labelFormatter: (at: number) => stamp(at - SHANGHAI_MS),
    },
  ];
}

function seriesOption(answer: ChartAnswer, narrow: boolean): object[] {
  const all: object[] = [];
  answer.series.forEach((series, index) => {
    const colour = lineColour(index);
    const line = validLine(series.points, SHANGHAI_MS);
    all.push({
      type: "line", id: `line-${index}`, name: series.name, data: line, showSymbol: false, connectNulls: false,
      sampling: line.length > 3000 ? "minmax" : undefined, color: colour, lineStyle: { width: 1.75 },
      emphasis: { disabled: true },
      ...(index === 0 ? { markArea: windowAreas(answer), markLine: limitLines(answer, narrow) } : {}),
    });
    all.push(dots(`lonely-${index}`, series.name, lonelyPoints(line), { color: colour }));
    all.push(dots(`invalid-${index}`, series.name, invalidPoints(series.points, SHANGHAI_MS), { color: "#fff", borderColor: colour, borderWidth: 1.5 }));
  });
  if (answer.forecast) all.push(...fan(answer.forecast));
  return all;
}

/** The median as a dashed line, and the interval as a band: an unseen lower line, and what lies above it. */
function fan(forecast: Forecast): object[] {
  const at = (column: (point: Forecast["points"][number]) => number) =>
    forecast.points.map((point) => [point[0] + SHANGHAI_MS, column(point)]);
  const still = { type: "line", showSymbol: false, emphasis: { disabled: true }, silent: true, color: FORECAST_COLOUR };
  const unseen = { ...still, stack: "forecast", lineStyle: { width: 0 }, z: 1 };
  return [
    { ...unseen, id: "forecast-low", name: forecast.band, data: at((point) => point[2]) },
    { ...unseen, id: "forecast-band", name: forecast.band, data: at((point) => point[3] - point[2]), areaStyle: { opacity: 0.16 } },
    { ...still, id: "forecast-median", name: forecast.name, data: at((point) => point[1]), lineStyle: { width: 1.75, type: [4, 3] } },
  ];
}

function dots(id: string, name: string, data: unknown[], itemStyle: object): object {
  return { type: "scatter", id, name, data, symbolSize: data.length > 200 ? 4 : 6, itemStyle, z: 4, emphasis: { disabled: true }, cursor: "default" };
}

function windowAreas(answer: ChartAnswer): object {
  return {
    silent: true,
    data: answer.windows.map((window) => [
      {
        xAxis: window.from + SHANGHAI_MS,
        itemStyle: { color: WINDOW_FILL[window.kind] },
        label: windowLabel(window),
      },
      { xAxis: window.to === null ? endOfNewest(answer) : window.to + SHANGHAI_MS },
    ]),
  };
}

/** A finding's window is named at its foot: along its head run the names of limits. */
function windowLabel(window: Window): object {
  const peak = window.kind === "peak";
  return {
    show: peak || window.kind === "finding", position: peak ? "top" : "insideBottom", distance: peak ? 2 : 6,
    color: LIMIT_COLOUR, formatter: peak ? window.title : say("finding"), fontSize: 12, textBorderColor: "#fff", textBorderWidth: peak ? 0 : 3,
  };
}

/** The end of the newest value's period on the axis: a window that still lasts reaches that far. */
function endOfNewest(answer: ChartAnswer): number {
  const ends = answer.series.map(({ points }) => {
    const [before, last] = points.slice(-2).map((point) => point[0]);
    return last === undefined ? -Infinity : last + (last - (before ?? last));
  });
  return Math.max(...ends) + SHANGHAI_MS;
}

function limitLines(answer: ChartAnswer, narrow: boolean): object {
  const extent = extentOf(answer);
  return {
    silent: true,
    symbol: "none",
    data: answer.limits.filter((limit) => isOnScale(limit, extent)).map((limit) => ({
      yAxis: limit.value,
      lineStyle: { color: LIMIT_COLOUR, type: [6, 4], width: 1.25 },
      label: {
        formatter: narrow ? `${boundSign(limit)} ${limit.value}` : `${boundSign(limit)} ${limit.value}  ${limit.name}`,
        position: limit.bound === "lower" ? "insideStartBottom" : "insideStartTop",
        color: LIMIT_COLOUR, fontSize: 12, textBorderColor: "#fff", textBorderWidth: 3,
      },
    })),
  };
}
