import type { ExpressionSpecification, FilterSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";
import { isPointlike, type LayerInfo } from "./contract";
import { imageName, NO_DATA, plainLook } from "./things";

const INK = "#18282c";
const FONT = ["Noto Sans CJK SC Regular"];
const BOLD = ["Noto Sans CJK SC Bold"];
const get = (name: string): ExpressionSpecification => ["get", name];

/** No tiles, no glyph server: a quiet ground on which the data speak. */
export const EMPTY_STYLE: StyleSpecification = {
  version: 8,
  sources: {},
  layers: [{ id: "ground", type: "background", paint: { "background-color": "#eef2f1" } }],
};

/** A case stands at its station's shoulder, so that neither hides the other. [px] */
const CASE_SHIFT: [number, number] = [14, -14];
const TEXT_SIZE = 12;

export const CHOSEN = "qy-chosen";
const NOTHING = { type: "FeatureCollection", features: [] } as const;

/** Areas lie under lines, lines under points, cases on top. */
const HEIGHTS: Record<LayerInfo["symbol"], number> = { area: 0, line: 1, point: 2, enterprise: 3, station: 4, case: 5 };
export const byHeight = (a: LayerInfo, b: LayerInfo): number => HEIGHTS[a.symbol] - HEIGHTS[b.symbol];

export const shapesSource = (layer: LayerInfo): string => `${layer.code}:shapes`;
export const labelsSource = (layer: LayerInfo): string => `${layer.code}:labels`;

export function sourceOptions(layer: LayerInfo): object {
  if (!isPointlike(layer)) return { type: "geojson", data: NOTHING };
  return {
    type: "geojson", data: NOTHING, cluster: true, clusterRadius: 34, clusterMaxZoom: 15, clusterMinPoints: 3,
    clusterProperties: { worst: ["max", ["get", "_rank"]] },
  };
}

/** The drawing layers of one of our layers, in the order in which they lie. */
export function drawingLayers(layer: LayerInfo): LayerSpecification[] {
  if (layer.symbol === "area") return areaLayers(layer);
  if (layer.symbol === "line") return lineLayers(layer);
  return pointLayers(layer);
}

function areaLayers(layer: LayerInfo): LayerSpecification[] {
  const source = shapesSource(layer);
  const isNoData: FilterSpecification = ["all", ["<", get("_rank"), 0], layer.legend.length > 0];
  return [
    { id: `${layer.code}:fill`, type: "fill", source, paint: { "fill-color": get("_colour"), "fill-opacity": layer.legend.length > 0 ? 0.35 : 0.05 }, filter: ["!", isNoData] },
    { id: `${layer.code}:hatch`, type: "fill", source, paint: { "fill-pattern": "hatch", "fill-opacity": 0.5 }, filter: isNoData },
    { id: `${layer.code}:edge`, type: "line", source, paint: { "line-color": get("_colour"), "line-width": ["interpolate", ["linear"], ["zoom"], 8, 0.5, 14, 1.5], "line-opacity": 0.8 } },
    ...(layer.unlabelled ? [] : [areaLabel(layer)]),
  ];
}

function areaLabel(layer: LayerInfo): LayerSpecification {
  return {
    id: `${layer.code}:label`, type: "symbol", source: labelsSource(layer),
    layout: { "text-field": get("title"), "text-font": FONT, "text-size": 12, "text-max-width": 8, "text-padding": 6 },
    paint: { "text-color": "#43565c", "text-halo-color": "#fff", "text-halo-width": 1.5 },
  };
}

function lineLayers(layer: LayerInfo): LayerSpecification[] {
  const source = shapesSource(layer);
  const width: ExpressionSpecification = ["interpolate", ["linear"], ["zoom"], 8, 1.5, 12, 3, 16, 6];
  const isDashed: FilterSpecification = ["in", get("_shape"), ["literal", ["dashed", "hatch"]]];
  const paint = { "line-color": get("_colour"), "line-width": width };
  return [
    { id: `${layer.code}:line`, type: "line", source, filter: ["!", isDashed], layout: { "line-cap": "round", "line-join": "round" }, paint },
    { id: `${layer.code}:dashed`, type: "line", source, filter: isDashed, paint: { ...paint, "line-dasharray": [2, 1.5] } },
    {
      id: `${layer.code}:direction`, type: "symbol", source, minzoom: 11,
      layout: { "symbol-placement": "line", "symbol-spacing": 120, "icon-image": ["concat", "arrow|", get("_colour")], "icon-ignore-placement": true, "icon-allow-overlap": true },
    },
    {
      id: `${layer.code}:label`, type: "symbol", source,
      layout: { "symbol-placement": "line", "symbol-spacing": 400, "text-field": get("title"), "text-font": FONT, "text-size": 12, "text-offset": [0, -0.9], "text-letter-spacing": 0.1 },
      paint: { "text-color": "#2c5f86", "text-halo-color": "#fff", "text-halo-width": 1.5 },
    },
  ];
}

function pointLayers(layer: LayerInfo): LayerSpecification[] {
  const source = shapesSource(layer);
  const shift: [number, number] = layer.symbol === "case" ? CASE_SHIFT : [0, 0];
  const shifted = (x: number, y: number): [number, number] => [x + shift[0] / TEXT_SIZE, y + shift[1] / TEXT_SIZE];
  const plain = layer.legend.length === 0 ? plainLook(layer) : NO_DATA;
  const byWorst = (none: string, some: string[]): ExpressionSpecification =>
    ["step", get("worst"), none, ...some.flatMap((text, rank) => [rank, text])] as unknown as ExpressionSpecification;
  return [
    {
      id: `${layer.code}:cluster`, type: "symbol", source, filter: ["has", "point_count"],
      layout: {
        "icon-image": layer.legend.length === 0 ? imageName("cluster", plain) : byWorst(imageName("cluster", NO_DATA), layer.legend.map((look) => imageName("cluster", look))),
        "icon-allow-overlap": true, "icon-offset": shift, "text-offset": shifted(0, 0),
        "text-field": ["format", ["to-string", get("point_count")], { "font-scale": 1.1 }],
        "text-font": BOLD, "text-size": 12, "text-allow-overlap": true,
      },
      paint: { "text-color": INK },
    },
    {
      id: `${layer.code}:worst`, type: "symbol", source, filter: ["has", "point_count"],
      layout: {
        "text-field": layer.legend.length === 0 ? layer.title : byWorst(NO_DATA.title, layer.legend.map((look) => look.title)),
        "text-font": FONT, "text-size": TEXT_SIZE, "text-anchor": "top", "text-offset": shifted(0, 1.6),
      },
      paint: { "text-color": INK, "text-halo-color": "#fff", "text-halo-width": 1.5 },
    },
    {
      id: `${layer.code}:point`, type: "symbol", source, filter: ["!", ["has", "point_count"]],
      layout: {
        "icon-image": get("_image"), "icon-offset": shift, "icon-allow-overlap": true, "icon-size": layer.symbol === "point" ? 0.75 : 1,
        "symbol-sort-key": get("_rank"),
        "text-field": ["step", ["zoom"], "", layer.symbol === "case" ? 13 : 10, get("title")], "text-font": FONT, "text-size": TEXT_SIZE, "text-optional": true,
        "text-anchor": "top", "text-offset": shifted(0, layer.symbol === "case" ? 1.3 : 0.9), "text-max-width": 9,
      },
      paint: { "text-color": INK, "text-halo-color": "#fff", "text-halo-width": 1.5 },
    },
  ];
}

/** The chosen object, outlined above everything. */
export function chosenLayers(): LayerSpecification[] {
  return [
    { id: `${CHOSEN}:halo`, type: "line", source: CHOSEN, filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": "#fff", "line-width": 7, "line-opacity": 0.8 } },
    { id: `${CHOSEN}:line`, type: "line", source: CHOSEN, filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": INK, "line-width": 3 } },
    chosenPoint("point", ["!=", get("_kind"), "case"], [0, 0]),
    chosenPoint("case", ["==", get("_kind"), "case"], CASE_SHIFT),
  ];
}

function chosenPoint(name: string, which: FilterSpecification, shift: [number, number]): LayerSpecification {
  return {
    id: `${CHOSEN}:${name}`, type: "circle", source: CHOSEN, filter: ["all", ["==", ["geometry-type"], "Point"], which] as FilterSpecification,
    paint: { "circle-radius": 17, "circle-color": "rgba(0, 0, 0, 0)", "circle-stroke-color": INK, "circle-stroke-width": 3, "circle-translate": shift },
  };
}

/** Where a press can land, points before lines before areas. */
export function pressable(layer: LayerInfo): string[] {
  if (layer.symbol === "area") return [`${layer.code}:fill`, `${layer.code}:hatch`];
  if (layer.symbol === "line") return [`${layer.code}:line`, `${layer.code}:dashed`];
  return [`${layer.code}:cluster`, `${layer.code}:point`];
}
