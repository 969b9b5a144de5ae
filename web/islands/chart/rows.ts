import { breaks, isValid, type ChartAnswer, type Limit, type Point } from "./contract";

/** A chart point: shifted instant and value; null breaks the line. */
export type Drawn = [at: number, value: number | null];

const GAP_FACTOR = 1.5;
const REGULAR_WITHIN = 0.2;

/**
 * The usual distance between points. Instruments send at a regular step, which is the median whatever the gaps; where
 * most steps differ from it, as in a thinned series, nearly the longest counts, so that thinning makes no gaps.
 */
export function usualStep(points: readonly Point[]): number {
  if (points.length < 3) return Number.POSITIVE_INFINITY;
  const steps = points.slice(1).map((point, index) => point[0] - (points[index]?.[0] ?? 0)).sort((a, b) => a - b);
  const median = steps[Math.floor(steps.length / 2)] ?? Number.POSITIVE_INFINITY;
  const regular = steps.filter((step) => Math.abs(step - median) <= median * REGULAR_WITHIN).length;
  return regular > steps.length / 2 ? median : (steps[Math.floor(steps.length * 0.95)] ?? median);
}

/** The valid line, broken where a value is missing, does not count, or where no point came for longer than usual. */
export function validLine(points: readonly Point[], shift: number): Drawn[] {
  const gap = usualStep(points) * GAP_FACTOR;
  const drawn: Drawn[] = [];
  let before: number | null = null;
  for (const [at, value, mark] of points) {
    if (before !== null && at - before > gap) drawn.push([(before + at) / 2 + shift, null]);
    drawn.push([at + shift, isValid(mark) ? value : null]);
    before = at;
  }
  return drawn;
}

/** Valid points that no line reaches, because both neighbours are missing: they need a dot of their own. */
export function lonelyPoints(line: readonly Drawn[]): Drawn[] {
  return line.filter(([, value], index) => {
    if (value === null) return false;
    return (line[index - 1]?.[1] ?? null) === null && (line[index + 1]?.[1] ?? null) === null;
  });
}

export function invalidPoints(points: readonly Point[], shift: number): Drawn[] {
  return points.filter(([, value, mark]) => value !== null && !isValid(mark)).map(([at, value]) => [at + shift, value]);
}

export interface Row {
  at: number;
  cells: (Point | undefined)[];
}

/** One row for each instant at which any channel has a point, oldest first. */
export function rowsOf(answer: ChartAnswer): Row[] {
  const rows = new Map<number, Row>();
  answer.series.forEach((series, column) => {
    for (const point of series.points) {
      const row = rows.get(point[0]) ?? { at: point[0], cells: answer.series.map(() => undefined) };
      row.cells[column] = point;
      rows.set(point[0], row);
    }
  });
  return [...rows.values()].sort((a, b) => a.at - b.at);
}

/** The first limit that a valid value breaks. */
export function brokenLimit(point: Point | undefined, limits: readonly Limit[]): Limit | undefined {
  const value = point?.[1];
  if (value === null || value === undefined || !isValid(point?.[2])) return undefined;
  return limits.find((limit) => breaks(limit, value));
}

export interface Extent {
  low: number;
  high: number;
}

export function extentOf(answer: ChartAnswer): Extent | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const series of answer.series) {
    for (const [, value] of series.points) {
      if (value === null) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low <= high ? { low, high } : null;
}
