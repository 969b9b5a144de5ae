import { Marker, type Map as MapLibre } from "maplibre-gl";

import { h } from "../../kit/dom";
import { readJson } from "../../kit/fetching";
import { onPointed } from "../../kit/instants";
import { stamp } from "../../kit/time";
import type { Moment } from "./contract";

const WAIT_MS = 30_000;
/** Farther from every moment than this, nothing is shown. */
const NEAR_MS = 60_000;

/** A marker that stands where something was at the instant that a chart on the page points at. */
export class Follower {
  private moments: Moment[] = [];
  private readonly dot = h("div", { class: "qy-map-follower" });
  private readonly marker: Marker;
  private shown = false;

  constructor(
    element: HTMLElement,
    private readonly map: MapLibre,
    private readonly url: string,
    about: string,
  ) {
    this.marker = new Marker({ element: this.dot });
    onPointed(element, about, (at) => this.show(at));
  }

  async read(): Promise<void> {
    this.moments = await readJson<Moment[]>(this.url, AbortSignal.timeout(WAIT_MS));
  }

  private show(at: number | null): void {
    const moment = at === null ? undefined : nearest(this.moments, at);
    if (!moment || Math.abs(moment[0] - (at ?? 0)) > NEAR_MS) {
      if (this.shown) this.marker.remove();
      this.shown = false;
      return;
    }
    this.marker.setLngLat([moment[1], moment[2]]);
    this.dot.title = stamp(moment[0]);
    if (!this.shown) this.marker.addTo(this.map);
    this.shown = true;
  }
}

/** The moment nearest in time; moments are in order. */
export function nearest(moments: readonly Moment[], at: number): Moment | undefined {
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moments[middle]?.[0] ?? Infinity) < at) low = middle + 1;
    else high = middle;
  }
  const [before, after] = [moments[low - 1], moments[low]];
  if (!before || !after) return before ?? after;
  return at - before[0] <= after[0] - at ? before : after;
}
