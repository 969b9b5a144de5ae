/** What the chart island is told and what its address answers; docs/explanation/interface.md tells it to people. */
export interface ChartProps {
  /** Address on this site that answers `ChartAnswer` as JSON. */
  url: string;
  /** What the chart is about, where a map on the page follows the instant that is pointed at. */
  moves?: string;
}

/** Instant in epoch milliseconds, value or null where there is none, data mark of the reading. */
export type Point = readonly [at: number, value: number | null, mark?: string | null];

export interface Series {
  name: string;
  points: Point[];
  /** Address of one reading's record; `{at}` becomes the epoch milliseconds. */
  reading_url?: string;
}

export interface Limit {
  name: string;
  value: number;
  /** An upper limit unless said otherwise. */
  bound?: "upper" | "lower";
}

export interface Window {
  from: number;
  /** null while it still lasts. */
  to: number | null;
  title: string;
  kind: "finding" | "peak" | "maintenance" | "invalid";
  href?: string;
}

/** Begin of the hour in epoch milliseconds, median, and bounds of the interval. */
export type Ahead = readonly [at: number, value: number, low: number, high: number];

export interface Forecast {
  name: string;
  /** What the interval is called. */
  band: string;
  /** When it was issued, in epoch milliseconds. */
  issued: number;
  points: Ahead[];
}

export interface ChartAnswer {
  title: string;
  unit: string;
  decimals: number;
  series: Series[];
  limits: Limit[];
  windows: Window[];
  forecast?: Forecast;
  /** What each data mark means, in the reader's language. */
  marks?: Record<string, string>;
}

/** "N" (normal) and no mark at all are valid; every other mark says why a value does not count. */
export const isValid = (mark: string | null | undefined): boolean => !mark || mark === "N";

export const breaks = (limit: Limit, value: number): boolean =>
  limit.bound === "lower" ? value < limit.value : value > limit.value;

export const boundSign = (limit: Limit): string => (limit.bound === "lower" ? "≥" : "≤");
