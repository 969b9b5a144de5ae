import { button, h } from "../../kit/dom";
import { count } from "../../kit/language";
import type { LayerInfo, Span } from "./contract";
import { entriesOf, swatchOf } from "./legend";
import type { Thing } from "./things";
import { say } from "./words";

export interface LayerState {
  info: LayerInfo;
  shown: boolean;
  things: Thing[];
  failure: string | null;
}

/** Layers in their groups, each with a box to tick and its whole legend. */
export function treeOf(states: LayerState[], toggled: (state: LayerState) => void, retry: (state: LayerState) => void): HTMLElement {
  const tree = h("div", { class: "qy-map-tree" });
  const groups = new Map<string, LayerState[]>();
  for (const state of states) groups.set(state.info.group, [...(groups.get(state.info.group) ?? []), state]);
  for (const [group, members] of groups) {
    tree.append(h("fieldset", {}, h("legend", {}, group), ...members.map((state) => branchOf(state, toggled, retry))));
  }
  return tree;
}

function branchOf(state: LayerState, toggled: (state: LayerState) => void, retry: (state: LayerState) => void): HTMLElement {
  const box = h("input", { type: "checkbox", class: "form-check-input", "data-layer": state.info.code, checked: state.shown });
  box.addEventListener("change", () => {
    state.shown = box.checked;
    toggled(state);
  });
  const entries = entriesOf(state.info, state.things);
  const isSingle = state.info.legend.length === 0;
  const label = h("label", {}, box, isSingle && entries[0] ? swatchOf(entries[0], state.info) : null, h("span", {}, state.info.title),
    state.shown ? h("span", { class: "qy-map-count" }, count(state.things.length)) : null);
  const branch = h("div", { class: "qy-map-branch" }, label);
  if (!isSingle && state.shown) {
    branch.append(h("ul", {}, ...entries.map((entry) => h("li", {}, swatchOf(entry, state.info), entry.title))));
  }
  if (state.shown && state.info.spans) branch.append(spansOf(state.info.spans));
  if (state.failure) {
    branch.append(h("p", { class: "qy-map-failure", role: "alert" }, state.failure, button(say("retry"), "refresh", () => retry(state))));
  }
  return branch;
}

/** Links to the same view over another time. */
function spansOf(spans: Span[]): HTMLElement {
  const links = spans.map((span) => {
    const link = h("a", { href: span.href, "aria-current": span.chosen ? "page" : null }, span.title);
    link.addEventListener("click", () => link.setAttribute("href", span.href + location.hash));
    return link;
  });
  return h("p", { class: "qy-map-spans" }, ...links);
}

/** On a phone the tree is folded away; the legend of what is shown stays as one strip. */
export function stripOf(states: LayerState[]): HTMLElement {
  const strip = h("ul", { class: "qy-map-strip", tabindex: 0, "aria-label": say("layers") });
  for (const state of states.filter((candidate) => candidate.shown)) {
    if (state.info.legend.length > 0) strip.append(h("li", { class: "is-title" }, state.info.title));
    for (const entry of entriesOf(state.info, state.things)) {
      strip.append(h("li", {}, swatchOf(entry, state.info), entry.title));
    }
  }
  return strip;
}
