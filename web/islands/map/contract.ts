/** What the map island is told and what its addresses answer; docs/explanation/interface.md tells it to people. */
import type { Feature, FeatureCollection, Geometry } from "geojson";

export type LonLat = [lon: number, lat: number];
export type Box = [west: number, south: number, east: number, north: number];

export interface MapProps {
  center: LonLat;
  zoom: number;
  bounds?: Box;
  /** Address that answers `LayerInfo[]`. */
  layers_url: string;
  /** Who made the base data, with its review number where the law asks for one. */
  attribution?: string;
  /** Address that answers `Moment[]`, where the map shows something that moved. */
  moments_url?: string;
  /** What a chart on the page must say that it is about, so that its instants are shown here. */
  follows?: string;
}

/** When something was where: epoch milliseconds, longitude and latitude; in order. */
export type Moment = readonly [at: number, lon: number, lat: number];

export type Shape = "circle" | "ring" | "square" | "triangle" | "diamond" | "octagon" | "hatch" | "area" | "line" | "dashed";

export interface LegendEntry {
  value: string;
  colour: string;
  title: string;
  shape: Shape;
}

export interface LayerInfo {
  code: string;
  title: string;
  group: string;
  symbol: "area" | "line" | "point" | "station" | "enterprise" | "case";
  /** Address that answers GeoJSON whose features carry `ThingProperties`. */
  url: string;
  visible: boolean;
  /** From the best state to the worst; a cluster shows the last one that it holds. */
  legend: LegendEntry[];
  /** Areas are so many, or so plain, that their titles stand only in lists. */
  unlabelled?: boolean;
  /** How far back it may look, where it has a time. */
  spans?: Span[];
}

/** A time that a layer may look back over, as an address of the map. */
export interface Span {
  title: string;
  href: string;
  chosen: boolean;
}

export interface ThingProperties {
  title: string;
  /** The state in words. */
  state?: string | null;
  /** A value of the layer's legend; none, or one that is not there, is drawn as "no data". */
  colour_key?: string | null;
  /** The record. */
  href?: string | null;
  detail?: string | null;
}

export type Answer = FeatureCollection<Geometry, ThingProperties>;
export type ThingFeature = Feature<Geometry, ThingProperties>;

export const isPointlike = (layer: LayerInfo): boolean => layer.symbol !== "area" && layer.symbol !== "line";
