/** What the chart island is told and what its address answers; docs/explanation/interface.md tells it to people. */
export interface ChartProps {
  /** Address on this site that answers `ChartAnswer` as JSON. */
  url: string;
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
  kind: "finding" | "maintenance" | "invalid";
  href?: string;
}

export interface ChartAnswer {
  title: string;
  unit: string;
  decimals: number;
  series: Series[];
  limits: Limit[];
  windows: Window[];
  /** What each data mark means, in the reader's language. */
  marks?: Record<string, string>;
}

/** "N" (normal) and no mark at all are valid; every other mark says why a value does not count. */
export const isValid = (mark: string | null | undefined): boolean => !mark || mark === "N";

export const breaks = (limit: Limit, value: number): boolean =>
  limit.bound === "lower" ? value < limit.value : value > limit.value;

export const boundSign = (limit: Limit): string => (limit.bound === "lower" ? "≥" : "≤");
