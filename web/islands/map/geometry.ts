import type { Geometry, Position } from "geojson";
import type { Box, LonLat } from "./contract";

function positionsOf(geometry: Geometry): Position[] {
  switch (geometry.type) {
    case "Point":
      return [geometry.coordinates];
    case "MultiPoint":
    case "LineString":
      return geometry.coordinates;
    case "MultiLineString":
    case "Polygon":
      return geometry.coordinates.flat();
    case "MultiPolygon":
      return geometry.coordinates.flat(2);
    case "GeometryCollection":
      return geometry.geometries.flatMap(positionsOf);
  }
}

export function boxOf(geometry: Geometry): Box {
  const box: Box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lon = NaN, lat = NaN] of positionsOf(geometry)) {
    box[0] = Math.min(box[0], lon);
    box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], lon);
    box[3] = Math.max(box[3], lat);
  }
  return box;
}

export const meet = (a: Box, b: Box): boolean => a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3];

/** The point at which a geometry is labelled and centred: inside an area, halfway along a line. */
export function anchorOf(geometry: Geometry): LonLat {
  if (geometry.type === "Polygon") return insideOf(geometry.coordinates);
  if (geometry.type === "MultiPolygon") {
    const largest = [...geometry.coordinates].sort((a, b) => Math.abs(ringArea(b[0])) - Math.abs(ringArea(a[0])))[0];
    return insideOf(largest ?? []);
  }
  const positions = positionsOf(geometry);
  const [lon = 0, lat = 0] = positions[Math.floor(positions.length / 2)] ?? [];
  return [lon, lat];
}

function ringArea(ring: Position[] = []): number {
  return ring.reduce((sum, [x = 0, y = 0], index) => {
    const [nextX = 0, nextY = 0] = ring[(index + 1) % ring.length] ?? [];
    return sum + x * nextY - nextX * y;
  }, 0) / 2;
}

/** The middle of the widest stretch of the polygon on the parallel halfway up: always inside, unlike a centroid. */
function insideOf(rings: Position[][]): LonLat {
  const [west, south, east, north] = boxOf({ type: "Polygon", coordinates: rings.slice(0, 1) });
  const lat = (south + north) / 2;
  const crossings: number[] = [];
  for (const ring of rings) {
    ring.forEach(([x = 0, y = 0], index) => {
      const [nextX = 0, nextY = 0] = ring[(index + 1) % ring.length] ?? [];
      if (y > lat !== nextY > lat) crossings.push(x + ((lat - y) / (nextY - y)) * (nextX - x));
    });
  }
  crossings.sort((a, b) => a - b);
  let widest: LonLat = [west, east];
  let width = -1;
  for (let index = 0; index + 1 < crossings.length; index += 2) {
    const [from, to] = [crossings[index] ?? west, crossings[index + 1] ?? east];
    if (to - from > width) [widest, width] = [[from, to], to - from];
  }
  return [(widest[0] + widest[1]) / 2, lat];
}
