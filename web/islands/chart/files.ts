import { download, h } from "../../kit/dom";
import { fullStamp } from "../../kit/time";
import { boundSign, isValid, type ChartAnswer } from "./contract";
import { lineColour } from "./option";
import { rowsOf } from "./rows";
import { say } from "./words";

/** UTF-8 with its byte order mark, so that Excel reads Chinese. */
export function saveCsv(answer: ChartAnswer): void {
  const head = [say("time"), ...answer.series.flatMap((series) => [`${series.name}, ${answer.unit}`, say("markOf", { name: series.name })])];
  const lines = rowsOf(answer).map((row) => [
    fullStamp(row.at),
    ...row.cells.flatMap((point) => [point?.[1]?.toFixed(answer.decimals) ?? "", isValid(point?.[2]) ? "" : (point?.[2] ?? "")]),
  ]);
  const text = [head, ...lines].map((cells) => cells.map(quoted).join(",")).join("\r\n");
  download(`${answer.title}.csv`, new Blob(["\ufeff", text, "\r\n"], { type: "text/csv;charset=utf-8" }));
}

/** Quoted where needed; a text that a spreadsheet would run as a formula is kept as text. */
function quoted(cell: string): string {
  const safe = /^[=+@]|^-(?![\d.])/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const HEAD_HEIGHT = 64;
const SCALE = 2;

/** The chart as drawn, with its title, its channels and its limits written on top. */
export async function savePng(answer: ChartAnswer, svg: string, width: number, height: number): Promise<void> {
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await picture.decode();
  const canvas = h("canvas", { width: width * SCALE, height: (height + HEAD_HEIGHT) * SCALE });
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.scale(SCALE, SCALE);
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, width, height + HEAD_HEIGHT);
  writeHead(pen, answer, width);
  pen.drawImage(picture, 0, HEAD_HEIGHT, width, height);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (blob) download(`${answer.title}.png`, blob);
}

function writeHead(pen: CanvasRenderingContext2D, answer: ChartAnswer, width: number): void {
  const family = getComputedStyle(document.body).fontFamily;
  pen.fillStyle = "#18282c";
  pen.font = `600 16px ${family}`;
  pen.fillText(`${answer.title} (${answer.unit})`, 12, 26, width - 24);
  pen.font = `13px ${family}`;
  let x = 12;
  answer.series.forEach((series, index) => {
    pen.fillStyle = lineColour(index);
    pen.fillRect(x, 43, 16, 3);
    pen.fillText(series.name, x + 22, 49);
    x += 38 + pen.measureText(series.name).width;
  });
  pen.fillStyle = "#b5161b";
  for (const limit of answer.limits) {
    const text = `${boundSign(limit)} ${limit.value} ${limit.name}`;
    pen.fillText(text, x, 49);
    x += 16 + pen.measureText(text).width;
  }
}
