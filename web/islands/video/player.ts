import { button, h } from "../../kit/dom";
import { fullStamp } from "../../kit/time";
import type { Item } from "./contract";
import { itemAt, neighbour } from "./items";
import { say } from "./words";

const STILL_SHOWN_MS = 1000; // while stills are played; our own choice
const JOINED_MS = 2000; // a clip that begins so soon after another goes on with it

/** The picture of one camera at an instant: a clip that plays, a still, or words that say what there is instead. */
export class Player {
  readonly element = h("div", { class: "qy-film-box" });
  private readonly video = h("video", { class: "qy-film", controls: true, preload: "auto", playsinline: true, hidden: true });
  private readonly still = h("img", { class: "qy-film", hidden: true, alt: "" });
  private readonly note = h("p", { class: "qy-island-note", role: "status" });
  private readonly caption = h("p", { class: "qy-muted qy-film-caption" });
  private readonly playing: HTMLButtonElement;
  private items: readonly Item[] = [];
  private shown: Item | undefined;
  private at = 0;
  private timer = 0;
  /** Where a clip that is still being loaded is to begin. [s] */
  private wanted: number | null = null;

  constructor(private readonly moved: (at: number) => void) {
    this.playing = button(say("play"), "player-play", () => this.toggle());
    this.element.append(this.video, this.still, this.note, this.caption, h("div", { class: "btn-list" },
      button(say("before"), "player-skip-back", () => this.step(false)), this.playing,
      button(say("after"), "player-skip-forward", () => this.step(true))));
    this.video.muted = true;
    this.video.addEventListener("loadedmetadata", () => this.arrive());
    this.video.addEventListener("timeupdate", () => this.follow());
    this.video.addEventListener("ended", () => this.goOn());
    this.video.addEventListener("error", () => this.fail());
    this.still.addEventListener("error", () => this.fail());
  }

  /** Another camera's items; the picture stays at its instant. */
  look(items: readonly Item[], title: string): void {
    this.items = items;
    this.shown = undefined;
    this.video.setAttribute("aria-label", title);
    this.still.alt = title;
    this.seek(this.at);
  }

  /** Show an instant, whatever there is of it. */
  seek(at: number): void {
    this.at = at;
    const item = itemAt(this.items, at);
    if (!item?.url) this.showNothing(item ? say("removedAt", { at: fullStamp(at) }) : say("nothingAt", { at: fullStamp(at) }));
    else if (item.clip) this.showClip(item, (at - item.from) / 1000);
    else this.showStill(item);
    if (item && !item.clip && this.timer) return;
    if (item?.clip || !item) this.pauseStills();
  }

  step(forward: boolean): void {
    const item = neighbour(this.items, this.at, forward);
    if (item) this.go(item.from);
  }

  toggle(): void {
    if (this.shown?.clip) {
      if (this.video.paused) void this.video.play();
      else this.video.pause();
    } else if (this.timer) this.pauseStills();
    else {
      this.timer = window.setInterval(() => this.nextStill(), STILL_SHOWN_MS);
      this.name(say("pause"), "player-pause");
    }
  }

  private nextStill(): void {
    const next = neighbour(this.items, this.at, true);
    if (!next || next.clip) this.pauseStills();
    if (next) this.go(next.from);
  }

  private pauseStills(): void {
    window.clearInterval(this.timer);
    this.timer = 0;
    this.name(say("play"), "player-play");
  }

  private name(title: string, icon: string): void {
    this.playing.title = title;
    this.playing.setAttribute("aria-label", title);
    this.playing.querySelector("span")?.replaceChildren(title);
    this.playing.querySelector("use")?.setAttribute("href", `${document.documentElement.dataset["icons"] ?? ""}#${icon}`);
  }

  private go(at: number): void {
    this.moved(at);
    this.seek(at);
  }

  private showClip(item: Item, seconds: number): void {
    if (this.shown?.id !== item.id) {
      this.shown = item;
      this.wanted = seconds;
      this.video.src = item.url;
      this.video.load();
    } else if (this.video.readyState < 1) this.wanted = seconds;
    else if (Math.abs(this.video.currentTime - seconds) > 0.2) this.video.currentTime = seconds;
    this.reveal(this.video, say("clipAt", { at: fullStamp(item.from) }), item);
    this.playing.hidden = true;
  }

  private showStill(item: Item): void {
    this.video.pause();
    if (this.shown?.id !== item.id) this.still.src = item.url;
    this.shown = item;
    this.reveal(this.still, say("stillOf", { at: fullStamp(item.from) }), item);
    this.playing.hidden = false;
  }

  private reveal(what: HTMLElement, words: string, item: Item): void {
    for (const one of [this.video, this.still]) one.hidden = one !== what;
    this.note.hidden = true;
    this.caption.replaceChildren(words, " · ", h("a", { href: item.page }, say("record")));
  }

  private showNothing(words: string): void {
    this.video.pause();
    this.shown = undefined;
    this.video.hidden = this.still.hidden = true;
    this.note.hidden = false;
    this.note.replaceChildren(words);
    this.caption.replaceChildren();
    this.playing.hidden = true;
  }

  /** A clip is there: go to the instant for which it was loaded. */
  private arrive(): void {
    if (this.wanted !== null && this.wanted > 0) this.video.currentTime = this.wanted;
    this.wanted = null;
  }

  private follow(): void {
    if (!this.shown?.clip || this.video.hidden || this.wanted !== null || this.video.seeking) return;
    this.at = Math.min(this.shown.from + this.video.currentTime * 1000, this.shown.to);
    this.moved(this.at);
  }

  /** The clip has ended: one that follows at once goes on. */
  private goOn(): void {
    const next = this.shown && neighbour(this.items, this.shown.from + 500, true);
    if (!this.shown || !next?.clip || next.from - this.shown.to > JOINED_MS) return;
    this.go(next.from);
    this.video.addEventListener("loadedmetadata", () => void this.video.play(), { once: true });
  }

  private fail(): void {
    if (!this.shown) return;
    this.note.hidden = false;
    this.note.replaceChildren(say("failed"));
    this.video.hidden = this.still.hidden = true;
  }
}
