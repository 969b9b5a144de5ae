import { button, h, icon } from "../../kit/dom";
import { swatchOf } from "./legend";
import { itemOf } from "./list";
import type { Thing } from "./things";
import { say } from "./words";

/** The detail drawer: at the right on a desktop, from below on a phone. */
export class Drawer {
  readonly element = h("aside", { class: "qy-map-drawer", hidden: true, tabindex: -1 });
  private cameFrom: HTMLElement | null = null;

  constructor(private readonly closed: () => void) {
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  show(thing: Thing, takeFocus: boolean): void {
    this.open(thing.title, takeFocus,
      h("p", { class: "qy-map-state" }, swatchOf(thing.look, thing.layer), h("span", {}, thing.state || thing.layer.title)),
      thing.state ? h("p", { class: "qy-muted" }, thing.layer.title) : null,
      thing.detail ? h("p", { class: "qy-map-detail" }, thing.detail) : null,
      thing.href ? h("a", { class: "btn btn-primary", href: thing.href }, say("open"), icon("arrow-right")) : null);
  }

  showMany(things: Thing[], choose: (thing: Thing) => void): void {
    this.open(say("together", { count: things.length }), true, h("ul", { class: "qy-map-list" }, ...things.map((thing) => itemOf(thing, false, choose))));
  }

  close(): void {
    if (!this.isOpen) return;
    this.element.hidden = true;
    this.closed();
    if (this.cameFrom?.isConnected) this.cameFrom.focus();
  }

  private open(title: string, takeFocus: boolean, ...content: (Node | null)[]): void {
    const active = document.activeElement;
    if (!this.isOpen && active instanceof HTMLElement) this.cameFrom = active;
    this.element.hidden = false;
    this.element.setAttribute("aria-label", title);
    const head = h("header", {}, h("h2", {}, title), button(say("close"), "x", () => this.close(), true));
    this.element.replaceChildren(head, ...content.filter((child) => child !== null));
    if (takeFocus) this.element.focus({ preventScroll: true });
  }
}
