import htmx from "htmx.org";
import { h } from "../kit/dom";
import { dictionary } from "../kit/language";

const say = dictionary({ waiting: ["有新内容，点击显示", "New here: show"] });

interface Swap {
  html: string;
  style: string;
}

/**
 * A list marked `data-live` takes what the stream brings without moving under a hand: while the pointer or the keyboard
 * is in it the new content waits, and is let in when the hand leaves or by a button. What is new arrives visibly, once:
 * children are told apart by their `id`.
 */
export function holdWhileRead(): void {
  const waiting = new Map<HTMLElement, Swap[]>();

  const letIn = (list: HTMLElement): void => {
    const held = waiting.get(list) ?? [];
    waiting.delete(list);
    list.parentElement?.querySelector("[data-held]")?.remove();
    const known = idsOf(list);
    for (const { html, style } of held) htmx.swap(list, html, { swapStyle: style as "innerHTML", swapDelay: 0, settleDelay: 0 });
    markNew(list, known);
  };

  const hold = (list: HTMLElement, swap: Swap): void => {
    const replaces = swap.style.startsWith("innerHTML");
    waiting.set(list, replaces ? [swap] : [...(waiting.get(list) ?? []), swap]);
    if (list.parentElement?.querySelector("[data-held]")) return;
    const button = h("button", { type: "button", class: "btn btn-sm qy-held", "data-held": true }, say("waiting"));
    button.addEventListener("click", () => letIn(list));
    list.before(button);
  };

  document.addEventListener("htmx:sseBeforeMessage", (event) => {
    const list = event.target;
    if (!(list instanceof HTMLElement) || !list.matches("[data-live]")) return;
    const html = String((event as CustomEvent<MessageEvent>).detail.data);
    if (isInHand(list)) {
      event.preventDefault();
      hold(list, { html, style: styleOf(list) });
    } else markAfterSettling(list);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { detail } = event as CustomEvent<{ target: unknown; elt: HTMLElement; serverResponse: string; shouldSwap: boolean; requestConfig: { triggeringEvent?: Event } }>;
    const list = detail.target;
    if (!(list instanceof HTMLElement) || !list.matches("[data-live]") || !detail.shouldSwap) return;
    if (!detail.requestConfig.triggeringEvent?.type.startsWith("sse:")) return;
    if (isInHand(list)) {
      detail.shouldSwap = false;
      hold(list, { html: detail.serverResponse, style: styleOf(detail.elt) });
    } else markAfterSettling(list);
  });

  const left = (event: Event): void => {
    const into = (event as MouseEvent | FocusEvent).relatedTarget;
    for (const list of waiting.keys()) {
      if (into instanceof Node && list.parentElement?.contains(into)) continue;
      if (!isInHand(list)) letIn(list);
    }
  };
  document.addEventListener("mouseout", left);
  document.addEventListener("focusout", left);
}

const isInHand = (list: HTMLElement): boolean => list.matches(":hover, :focus-within");
const styleOf = (element: HTMLElement): string => element.closest("[hx-swap]")?.getAttribute("hx-swap")?.split(" ")[0] ?? "innerHTML";
const idsOf = (list: HTMLElement): Set<string> => new Set([...list.children].map((child) => child.id));

function markAfterSettling(list: HTMLElement): void {
  const known = idsOf(list);
  list.addEventListener("htmx:afterSettle", () => markNew(list, known), { once: true });
}

function markNew(list: HTMLElement, known: Set<string>): void {
  for (const child of list.children) if (child.id && !known.has(child.id)) child.classList.add("is-new");
}
