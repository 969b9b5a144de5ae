import type { Shape } from "./contract";

const PIXEL_RATIO = 2;
const SYMBOL_SIZE = 20;
const CASE_SIZE = 32;
const CLUSTER_SIZE = 38;

/** Each state has a shape as well as a colour; the paths match `.qy-shape` in styles/parts.css. */
const OUTLINES: Partial<Record<Shape, readonly (readonly [number, number])[]>> = {
  square: [[0.06, 0.06], [0.94, 0.06], [0.94, 0.94], [0.06, 0.94]],
  triangle: [[0.5, 0.02], [1, 0.96], [0, 0.96]],
  diamond: [[0.5, 0], [1, 0.5], [0.5, 1], [0, 0.5]],
  octagon: [[0.29, 0], [0.71, 0], [1, 0.29], [1, 0.71], [0.71, 1], [0.29, 1], [0, 0.71], [0, 0.29]],
};

export interface Picture {
  data: ImageData;
  pixelRatio: number;
}

/** Draw the image that a name such as `symbol|diamond|#b5161b` or `cluster|circle|#14703a` asks for. */
export function pictureOf(name: string): Picture | null {
  const [kind, shape, colour] = name.split("|") as [string, Shape, string];
  if (kind === "hatch") return draw(8, (pen, size) => hatch(pen, size));
  if (kind === "arrow") return draw(14, (pen, size) => arrow(pen, size, shape));
  if (!colour) return null;
  if (kind === "cluster") return draw(CLUSTER_SIZE, (pen, size) => symbol(pen, size, shape, { fill: "#fff", edge: colour, width: 5 }));
  const isHollow = shape === "ring" || shape === "hatch";
  const look = isHollow ? { fill: "#fff", edge: colour, width: 3 } : { fill: colour, edge: "#fff", width: 2 };
  if (kind === "case") return draw(CASE_SIZE, (pen, size) => badge(pen, size, shape, look));
  return draw(SYMBOL_SIZE, (pen, size) => symbol(pen, size, shape, look));
}

/** A case is its state on a white disc with a dark rim, so that it is not taken for a station in the same state. */
function badge(pen: CanvasRenderingContext2D, size: number, shape: Shape, look: Look): void {
  symbol(pen, size, "circle", { fill: "#fff", edge: "#18282c", width: 2 });
  const inset = (size - SYMBOL_SIZE * 0.9) / 2;
  pen.translate(inset, inset);
  symbol(pen, SYMBOL_SIZE * 0.9, shape, look);
}

function draw(size: number, paint: (pen: CanvasRenderingContext2D, size: number) => void): Picture | null {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size * PIXEL_RATIO;
  const pen = canvas.getContext("2d");
  if (!pen) return null;
  pen.scale(PIXEL_RATIO, PIXEL_RATIO);
  paint(pen, size);
  return { data: pen.getImageData(0, 0, canvas.width, canvas.height), pixelRatio: PIXEL_RATIO };
}

interface Look {
  fill: string;
  edge: string;
  width: number;
}

function symbol(pen: CanvasRenderingContext2D, size: number, shape: Shape, look: Look): void {
  const margin = look.width / 2 + 1;
  const inner = size - margin * 2;
  const outline = OUTLINES[shape];
  const path = new Path2D();
  if (outline) for (const [x, y] of outline) path.lineTo(margin + x * inner, margin + y * inner);
  else path.arc(size / 2, size / 2, inner / 2, 0, Math.PI * 2);
  path.closePath();
  pen.fillStyle = look.fill;
  pen.fill(path);
  pen.save();
  pen.clip(path);
  if (shape === "hatch") hatch(pen, size);
  pen.restore();
  if (shape === "octagon" && look.fill !== "#fff") noEntry(pen, size);
  pen.lineWidth = look.width;
  pen.lineJoin = "round";
  pen.strokeStyle = look.edge;
  pen.stroke(path);
}

function noEntry(pen: CanvasRenderingContext2D, size: number): void {
  pen.fillStyle = "#fff";
  pen.fillRect(size * 0.25, size * 0.42, size * 0.5, size * 0.16);
}

function hatch(pen: CanvasRenderingContext2D, size: number): void {
  pen.strokeStyle = "#8a979c";
  pen.lineWidth = 1;
  for (let from = -size; from < size * 2; from += 4) {
    pen.beginPath();
    pen.moveTo(from, size);
    pen.lineTo(from + size, 0);
    pen.stroke();
  }
}

function arrow(pen: CanvasRenderingContext2D, size: number, colour: string): void {
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.moveTo(size * 0.35, size * 0.2);
  pen.lineTo(size * 0.7, size * 0.5);
  pen.lineTo(size * 0.35, size * 0.8);
  pen.stroke();
}
