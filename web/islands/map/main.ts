import "maplibre-gl/dist/maplibre-gl.css";
import "./map.css";

import { button, h, icon } from "../../kit/dom";
import { messageOf, readJson } from "../../kit/fetching";
import { count } from "../../kit/language";
import { onRefresh } from "../../kit/refreshing";
import { clockTime } from "../../kit/time";
import { fromAddress, intoAddress } from "./address";
import { Canvas, hasWebgl } from "./canvas";
import type { Answer, Box, LayerInfo, MapProps } from "./contract";
import { Drawer } from "./drawer";
import { Follower } from "./follower";
import { listOf } from "./list";
import { thingsOf, type Thing } from "./things";
import { stripOf, treeOf, type LayerState } from "./tree";
import { say } from "./words";

const WAIT_MS = 30_000;

export function mount(element: HTMLElement, props: unknown): void {
  void new MapIsland(element, props as MapProps).start();
}

/** Layer tree, canvas, drawer and list over one set of objects; without WebGL everything but the canvas. */
class MapIsland {
  private states: LayerState[] = [];
  private chosen: string | null = fromAddress("at");
  private canvas: Canvas | null = null;
  private follower: Follower | null = null;
  private readAt = Date.now();
  private readonly tree = h("div", {});
  private readonly list = h("div", {});
  private readonly listTitle = h("summary", {}, say("listed", { count: count(0) }));
  private readonly strip = h("div", {});
  private readonly note = h("div", { class: "qy-map-note", role: "status" });
  private readonly panel = h("section", { class: "qy-map-panel", "aria-label": say("panel") });
  private readonly drawer = new Drawer(() => this.forget());

  constructor(
    private readonly element: HTMLElement,
    private readonly props: MapProps,
  ) {}

  async start(): Promise<void> {
    this.note.textContent = say("loading");
    this.build();
    onRefresh(this.element, () => this.refresh());
    await this.readLayers();
  }

  private build(): void {
    const ground = h("div", { class: "qy-map-canvas" });
    const toggle = button(say("layers"), "stack-2", () => {
      const isOpen = this.panel.classList.toggle("is-open");
      toggle.setAttribute("aria-expanded", String(isOpen));
    });
    toggle.classList.add("qy-map-toggle");
    toggle.setAttribute("aria-expanded", "false");
    const layers = h("details", { open: true }, h("summary", {}, say("layers")), this.tree);
    const objects = h("details", { open: !hasWebgl() || window.innerWidth > 991 }, this.listTitle, this.list);
    this.panel.append(layers, objects);
    const main = h("div", { class: "qy-map-main" }, ground, toggle, this.note, this.drawer.element, this.strip);
    this.element.replaceChildren(this.panel, main);
    if (!hasWebgl()) {
      this.element.classList.add("is-list-only");
      ground.replaceWith(h("p", { class: "qy-note is-warning" }, icon("alert-triangle"), h("span", {}, say("noWebgl"))));
      return;
    }
    this.canvas = new Canvas(ground, this.props, {
      chose: (id) => this.chooseId(id, true),
      choseMany: (ids) => this.drawer.showMany(this.shownThings().filter((thing) => ids.includes(thing.id)), (thing) => this.choose(thing, true)),
      choseNothing: () => this.drawer.close(),
      moved: () => this.showList(),
    });
    Object.assign(this.element, { map: this.canvas.map });
    const { moments_url: moments, follows } = this.props;
    if (moments && follows) this.follower = new Follower(this.element, this.canvas.map, moments, follows);
  }

  private async readLayers(): Promise<void> {
    try {
      const infos = await readJson<LayerInfo[]>(this.props.layers_url, AbortSignal.timeout(WAIT_MS));
      const asked = fromAddress("layers")?.split(",");
      this.states = infos.map((info) => ({ info, shown: asked ? asked.includes(info.code) : info.visible, things: [], failure: null }));
      await this.canvas?.ready;
      this.canvas?.addLayers(infos);
      await Promise.all([this.follower?.read(), ...this.states.filter((state) => state.shown).map((state) => this.readLayer(state))]);
      this.note.textContent = "";
      this.element.dataset["state"] = this.canvas ? "ready" : "list-only";
      if (this.chosen) this.chooseId(this.chosen, false);
    } catch (error) {
      this.element.dataset["state"] = "failing";
      this.note.replaceChildren(say("failed", { why: messageOf(error) }), " ", button(say("retry"), "refresh", () => void this.readLayers()));
    }
  }

  private async readLayer(state: LayerState): Promise<void> {
    try {
      const answer = await readJson<Answer>(state.info.url, AbortSignal.timeout(WAIT_MS));
      state.things = thingsOf(state.info, answer);
      state.failure = null;
      this.readAt = Date.now();
      this.canvas?.draw(state.info, state.things);
    } catch (error) {
      const why = messageOf(error);
      state.failure = state.things.length > 0 ? say("stale", { at: clockTime(this.readAt), why }) : say("failed", { why });
    }
    this.canvas?.show(state.info, state.shown);
    this.showPanel();
  }

  private async refresh(): Promise<void> {
    const moved = this.follower?.read().catch(() => undefined); // the layers say why; the marker stays with what it knows
    await Promise.all([moved, ...this.states.filter((state) => state.shown).map((state) => this.readLayer(state))]);
    const thing = this.shownThings().find((candidate) => candidate.id === this.chosen);
    if (thing && this.drawer.isOpen) {
      this.canvas?.outline(thing);
      this.drawer.show(thing, false);
    }
  }

  private toggled(state: LayerState): void {
    intoAddress("layers", this.states.filter((candidate) => candidate.shown).map((candidate) => candidate.info.code).join(","));
    if (state.shown) void this.readLayer(state);
    this.canvas?.show(state.info, state.shown);
    this.showPanel();
  }

  private showPanel(): void {
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["layer"] : undefined;
    this.tree.replaceChildren(treeOf(this.states, (state) => this.toggled(state), (state) => void this.readLayer(state)));
    this.strip.replaceChildren(stripOf(this.states));
    if (focused) this.tree.querySelector<HTMLElement>(`[data-layer="${CSS.escape(focused)}"]`)?.focus();
    this.showList();
  }

  private showList(): void {
    const focusedAt = [...this.list.querySelectorAll("button")].findIndex((candidate) => candidate === document.activeElement);
    const view: Box | null = this.canvas?.view() ?? null;
    const { list, total } = listOf(this.shownThings(), view, this.chosen, (thing) => this.choose(thing, true));
    this.list.replaceChildren(list);
    this.listTitle.textContent = say(this.canvas ? "inView" : "listed", { count: count(total) });
    if (focusedAt >= 0) this.list.querySelectorAll("button")[focusedAt]?.focus({ preventScroll: true });
  }

  private shownThings(): Thing[] {
    return this.states.filter((state) => state.shown).flatMap((state) => state.things);
  }

  private chooseId(id: string, takeFocus: boolean): void {
    const thing = this.shownThings().find((candidate) => candidate.id === id);
    if (thing) this.choose(thing, takeFocus);
  }

  private choose(thing: Thing, takeFocus: boolean): void {
    this.chosen = thing.id;
    intoAddress("at", thing.id);
    this.panel.classList.remove("is-open");
    this.drawer.show(thing, takeFocus);
    this.canvas?.outline(thing);
    this.canvas?.centre(thing);
    this.showList();
  }

  private forget(): void {
    this.chosen = null;
    intoAddress("at", null);
    this.canvas?.outline(null);
    this.showList();
  }
}

