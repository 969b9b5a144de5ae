import { h } from "../../kit/dom";
import { count } from "../../kit/language";
import type { Box } from "./contract";
import { meet } from "./geometry";
import { swatchOf } from "./legend";
import type { Thing } from "./things";
import { say } from "./words";

const LISTED_AT_MOST = 200;
const SYMBOL_ORDER = ["case", "station", "enterprise", "point", "line", "area"];

/** What the view holds, the worst first; the same objects as on the map, for those who cannot see or point at it. */
export function listOf(things: readonly Thing[], view: Box | null, chosen: string | null, choose: (thing: Thing) => void): { list: HTMLElement; total: number } {
  const seen = things.filter((thing) => view === null || meet(thing.box, view)).sort(byUrgency);
  if (seen.length === 0) return { list: h("p", { class: "qy-muted" }, say("nothing")), total: 0 };
  const limit = view === null ? seen.length : LISTED_AT_MOST;
  const list = h("ul", { class: "qy-map-list" });
  for (const thing of seen.slice(0, limit)) list.append(itemOf(thing, thing.id === chosen, choose));
  if (seen.length > limit) list.append(h("li", { class: "qy-muted" }, say("more", { count: count(seen.length - limit) })));
  return { list, total: seen.length };
}

export function itemOf(thing: Thing, isChosen: boolean, choose: (thing: Thing) => void): HTMLLIElement {
  const button = h("button", { type: "button", "aria-current": isChosen ? "true" : null },
    swatchOf(thing.look, thing.layer),
    h("span", {}, thing.title, h("small", {}, [thing.layer.title, thing.state].filter(Boolean).join(" · "))));
  button.addEventListener("click", () => choose(thing));
  return h("li", {}, button);
}

function byUrgency(a: Thing, b: Thing): number {
  const kind = SYMBOL_ORDER.indexOf(a.layer.symbol) - SYMBOL_ORDER.indexOf(b.layer.symbol);
  return kind || b.rank - a.rank || a.title.localeCompare(b.title, "zh");
}
