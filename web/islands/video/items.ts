import { STILL_STANDS_MS, type Item } from "./contract";

/** Until when an item shows what was to be seen: a clip to its end, a still to the next item, five minutes at most. */
export function standsUntil(items: readonly Item[], index: number): number {
  const item = items[index];
  if (!item) return Number.NEGATIVE_INFINITY;
  if (item.clip) return item.to;
  return Math.min(item.from + STILL_STANDS_MS, items[index + 1]?.from ?? Number.POSITIVE_INFINITY);
}

/** The newest item of one camera that shows an instant; its items stand in the order of their beginnings. */
export function itemAt(items: readonly Item[], at: number): Item | undefined {
  for (let index = lastBefore(items, at); index >= 0; index--) {
    const item = items[index];
    if (item && at <= standsUntil(items, index)) return item;
    if (item && !item.clip) return undefined;
  }
  return undefined;
}

/** The nearest beginning after an instant, or before it. */
export function neighbour(items: readonly Item[], at: number, forward: boolean): Item | undefined {
  return forward ? items.find((item) => item.from > at) : [...items].reverse().find((item) => item.from < at - 500);
}

/** Spans on which there is footage, touching ones joined, for the bands on the axis. */
export function bands(items: readonly Item[]): [from: number, to: number][] {
  const joined: [number, number][] = [];
  items.forEach((item, index) => {
    const to = standsUntil(items, index);
    const last = joined.at(-1);
    if (last && item.from <= last[1] + 1000) last[1] = Math.max(last[1], to);
    else joined.push([item.from, to]);
  });
  return joined;
}

function lastBefore(items: readonly Item[], at: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle]?.from ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
