import { h } from "../../kit/dom";
import { isPointlike, type LayerInfo, type LegendEntry } from "./contract";
import { NO_DATA, plainLook, type Thing } from "./things";

/** The drawn shape of a legend entry, as on the map. */
export function swatchOf(look: LegendEntry, layer: LayerInfo): HTMLElement {
  const box = isPointlike(layer) ? "is-symbol" : look.shape === "line" || look.shape === "dashed" ? "is-line" : "is-area";
  const swatch = h("i", { class: `qy-map-swatch ${box} is-${look.shape}`, "aria-hidden": "true" });
  swatch.style.color = look.colour;
  return layer.symbol === "case" ? h("i", { class: "qy-map-rim" }, swatch) : swatch;
}

/** Every class of the layer, and "no data" when something has none. */
export function entriesOf(layer: LayerInfo, things: readonly Thing[]): LegendEntry[] {
  if (layer.legend.length === 0) return [plainLook(layer)];
  return things.some((thing) => thing.rank < 0) ? [...layer.legend, NO_DATA] : layer.legend;
}
