import type { FeatureCollection, Geometry, Point } from "geojson";
import { isPointlike, type Answer, type Box, type LayerInfo, type LegendEntry, type LonLat } from "./contract";
import { anchorOf, boxOf } from "./geometry";
import { say } from "./words";

export const NO_DATA: LegendEntry = { value: "", colour: "#7c8a90", title: say("noData"), shape: "hatch" };

/** One object of the map, with where it is labelled and what it looks like. */
export interface Thing {
  id: string;
  layer: LayerInfo;
  title: string;
  state: string;
  detail: string;
  href: string | null;
  look: LegendEntry;
  /** Place in the legend, 0 the best; -1 without data. */
  rank: number;
  anchor: LonLat;
  box: Box;
  geometry: Geometry;
}

/** What the drawing layers read; names with an underscore are ours. */
export interface Drawn {
  _id: string;
  _layer: string;
  _rank: number;
  _colour: string;
  _shape: string;
  _image: string;
  _kind: LayerInfo["symbol"];
  title: string;
}

export const imageName = (kind: "symbol" | "case" | "cluster", look: LegendEntry): string => `${kind}|${look.shape}|${look.colour}`;

const PLAIN: Record<LayerInfo["symbol"], LegendEntry> = {
  area: { value: "", colour: "#5d7378", title: "", shape: "area" },
  line: { value: "", colour: "#4a86b8", title: "", shape: "line" },
  point: { value: "", colour: "#52636a", title: "", shape: "circle" },
  station: { value: "", colour: "#0f766e", title: "", shape: "circle" },
  enterprise: { value: "", colour: "#52636a", title: "", shape: "square" },
  case: { value: "", colour: "#ae4a04", title: "", shape: "diamond" },
};

/** The look of an object without a state: a layer with no legend has one look of its own. */
export const plainLook = (layer: LayerInfo): LegendEntry => ({ ...PLAIN[layer.symbol], title: layer.title });

export function thingsOf(layer: LayerInfo, answer: Answer): Thing[] {
  return answer.features.filter((feature) => feature.geometry !== null).map((feature, index) => {
    const { title, state, detail, href, colour_key: key } = feature.properties;
    const rank = layer.legend.findIndex((entry) => entry.value === key);
    const look = layer.legend.length === 0 ? plainLook(layer) : (layer.legend[rank] ?? NO_DATA);
    return {
      id: `${layer.code}:${href ?? feature.id ?? index}`,
      layer,
      title,
      state: state ?? (layer.legend.length > 0 ? look.title : ""),
      detail: detail ?? "",
      href: href ?? null,
      look,
      rank,
      anchor: anchorOf(feature.geometry),
      box: boxOf(feature.geometry),
      geometry: feature.geometry,
    };
  });
}

const drawnProperties = (thing: Thing): Drawn => ({
  _id: thing.id,
  _layer: thing.layer.code,
  _rank: thing.rank,
  _colour: thing.look.colour,
  _shape: thing.look.shape,
  _image: imageName(thing.layer.symbol === "case" ? "case" : "symbol", thing.look),
  _kind: thing.layer.symbol,
  title: thing.title,
});

/** Points are drawn at their anchor, so that a station given as a small area still clusters. */
export function drawnShapes(layer: LayerInfo, things: Thing[]): FeatureCollection<Geometry, Drawn> {
  if (isPointlike(layer)) return drawnAnchors(things);
  return {
    type: "FeatureCollection",
    features: things.map((thing) => ({ type: "Feature", geometry: thing.geometry, properties: drawnProperties(thing) })),
  };
}

export function drawnAnchors(things: Thing[]): FeatureCollection<Point, Drawn> {
  return {
    type: "FeatureCollection",
    features: things.map((thing) => ({
      type: "Feature",
      geometry: { type: "Point", coordinates: thing.anchor },
      properties: drawnProperties(thing),
    })),
  };
}
