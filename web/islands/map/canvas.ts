import { GeoJSONSource, Map as MapLibre, NavigationControl, Popup, ScaleControl, setWorkerUrl, type MapGeoJSONFeature, type MapMouseEvent, type PointLike, type SourceSpecification } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";

import { h } from "../../kit/dom";
import { isPointlike, type Box, type LayerInfo, type MapProps } from "./contract";
import { byHeight, CHOSEN, chosenLayers, drawingLayers, EMPTY_STYLE, labelsSource, pressable, shapesSource, sourceOptions } from "./style";
import { pictureOf } from "./symbols";
import { drawnAnchors, drawnShapes, type Drawn, type Thing } from "./things";
import { say } from "./words";

/** The bundler moves the worker away from where MapLibre would look for it. */
setWorkerUrl(workerUrl);

const PRESS_REACH_PX = 6;
const CLOSEST_ZOOM = 16;

/** What the drawer covers, so that the chosen object stands in the middle of the rest: map.css says the same. */
const DRAWER_PX = 336;
const SHEET_BELOW_PX = 760;

export function hasWebgl(): boolean {
  return document.createElement("canvas").getContext("webgl2") !== null;
}

export interface Listener {
  chose(id: string): void;
  choseMany(ids: string[]): void;
  choseNothing(): void;
  moved(): void;
}

/** The drawn map: our layers as MapLibre sources and drawing layers. */
export class Canvas {
  readonly map: MapLibre;
  readonly ready: Promise<void>;
  private infos: LayerInfo[] = [];
  private readonly hint = new Popup({ closeButton: false, closeOnClick: false, offset: 12, className: "qy-map-hint" });

  constructor(
    place: HTMLElement,
    props: MapProps,
    private readonly listener: Listener,
  ) {
    this.map = new MapLibre({
      container: place,
      style: EMPTY_STYLE,
      center: props.center,
      zoom: props.zoom,
      ...(props.bounds ? { bounds: props.bounds, fitBoundsOptions: { padding: 24 } } : {}),
      hash: "map",
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      attributionControl: props.attribution ? { compact: false, customAttribution: props.attribution } : false,
      locale: { "Map.Title": say("map"), "NavigationControl.ZoomIn": say("zoomIn"), "NavigationControl.ZoomOut": say("zoomOut"), "Popup.Close": say("close") },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new NavigationControl({ showCompass: false }), "top-right");
    this.map.addControl(new ScaleControl(), "bottom-left");
    this.map.setMissingStyleImageResolver((id) => {
      const picture = pictureOf(id);
      if (picture && !this.map.hasImage(id)) this.map.addImage(id, picture.data, { pixelRatio: picture.pixelRatio });
    });
    this.map.on("click", (event) => void this.pressed(event));
    this.map.on("mousemove", (event) => this.hovered(event));
    this.map.on("mouseout", () => this.hint.remove());
    this.map.on("moveend", () => listener.moved());
    this.ready = new Promise((done) => this.map.once("load", () => done()));
  }

  addLayers(infos: LayerInfo[]): void {
    this.infos = [...infos].sort(byHeight);
    for (const info of this.infos) {
      if (this.map.getSource(shapesSource(info))) continue;
      this.map.addSource(shapesSource(info), sourceOptions(info) as SourceSpecification);
      if (info.symbol === "area") this.map.addSource(labelsSource(info), { type: "geojson", data: { type: "FeatureCollection", features: [] } });
      for (const layer of drawingLayers(info)) this.map.addLayer(layer);
    }
    if (this.map.getSource(CHOSEN)) return;
    this.map.addSource(CHOSEN, { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    for (const layer of chosenLayers()) this.map.addLayer(layer);
  }

  draw(info: LayerInfo, things: Thing[]): void {
    this.map.getSource<GeoJSONSource>(shapesSource(info))?.setData(drawnShapes(info, things));
    if (info.symbol === "area") this.map.getSource<GeoJSONSource>(labelsSource(info))?.setData(drawnAnchors(things));
  }

  show(info: LayerInfo, shown: boolean): void {
    for (const { id } of drawingLayers(info)) if (this.map.getLayer(id)) this.map.setLayoutProperty(id, "visibility", shown ? "visible" : "none");
  }

  outline(thing: Thing | null): void {
    const shape = thing ? (isPointlike(thing.layer) ? drawnAnchors([thing]) : drawnShapes(thing.layer, [thing])) : drawnAnchors([]);
    void this.map.getSource<GeoJSONSource>(CHOSEN)?.setData(shape);
  }

  centre(thing: Thing): void {
    const { clientWidth: width, clientHeight: height } = this.map.getContainer();
    const offset: [number, number] = width < SHEET_BELOW_PX ? [0, -height * 0.2] : [-DRAWER_PX / 2, 0];
    if (isPointlike(thing.layer)) this.map.easeTo({ center: thing.anchor, zoom: Math.max(this.map.getZoom(), 12.5), offset });
    else this.map.fitBounds(thing.box, { padding: Math.min(80, width / 6), maxZoom: 14, offset });
  }

  view(): Box {
    const bounds = this.map.getBounds();
    return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  }

  private under(event: MapMouseEvent): MapGeoJSONFeature | undefined {
    const { x, y } = event.point;
    const reach: [PointLike, PointLike] = [[x - PRESS_REACH_PX, y - PRESS_REACH_PX], [x + PRESS_REACH_PX, y + PRESS_REACH_PX]];
    for (const info of [...this.infos].reverse()) {
      const layers = pressable(info).filter((id) => this.map.getLayer(id));
      const found = this.map.queryRenderedFeatures(info.symbol === "area" ? event.point : reach, { layers })[0];
      if (found) return found;
    }
    return undefined;
  }

  private async pressed(event: MapMouseEvent): Promise<void> {
    const feature = this.under(event);
    if (!feature) this.listener.choseNothing();
    else if (feature.properties["cluster"]) await this.openCluster(feature);
    else this.listener.chose((feature.properties as Drawn)._id);
  }

  /** Come closer until it falls apart; objects that stand on one spot are listed instead. */
  private async openCluster(feature: MapGeoJSONFeature): Promise<void> {
    const source = this.map.getSource<GeoJSONSource>(feature.source);
    if (!source || feature.geometry.type !== "Point") return;
    const id = Number(feature.properties["cluster_id"]);
    const zoom = await source.getClusterExpansionZoom(id);
    if (zoom < CLOSEST_ZOOM) {
      this.map.easeTo({ center: feature.geometry.coordinates as [number, number], zoom: zoom + 0.2 });
      return;
    }
    const leaves = await source.getClusterLeaves(id, 200, 0);
    this.listener.choseMany(leaves.map((leaf) => (leaf.properties as Drawn)._id));
  }

  private hovered(event: MapMouseEvent): void {
    const feature = this.under(event);
    this.map.getCanvas().style.cursor = feature ? "pointer" : "";
    const title = (feature?.properties as Drawn | undefined)?.title;
    if (!title) this.hint.remove();
    else this.hint.setLngLat(event.lngLat).setDOMContent(h("span", {}, title)).addTo(this.map);
  }
}
