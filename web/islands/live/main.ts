import "./live.css";

import { button, h } from "../../kit/dom";
import { messageOf, postJson } from "../../kit/fetching";
import type { LiveProps, Opened, State } from "./contract";
import { Stream } from "./stream";
import { say } from "./words";

const FIRST_PAUSE_S = 2;
const LONGEST_PAUSE_S = 30;

export function mount(element: HTMLElement, props: unknown): void {
  const picture = new Picture(element, props as LiveProps);
  if ((props as LiveProps).plays) void picture.open();
}

/** The live picture of one camera: played on demand, tried again when it is lost, its state always in words. */
class Picture {
  private readonly video = h("video", { muted: true, playsinline: true, class: "qy-live-video" });
  private readonly note = h("p", { class: "qy-live-note", role: "status" });
  private readonly presses = h("p", { class: "qy-live-presses" });
  private stream: Stream | null = null;
  private waiting = 0;
  private pause = FIRST_PAUSE_S;
  private moved = false;
  private was = false; // there before, since it was opened

  constructor(
    private readonly element: HTMLElement,
    private readonly props: LiveProps,
  ) {
    this.video.muted = true;
    this.video.setAttribute("aria-label", props.title);
    element.replaceChildren(this.video, this.note, this.presses);
    this.stand("idle");
  }

  /** Ask for the address, which the log keeps, and play what it names. */
  async open(): Promise<void> {
    this.close();
    this.was = false;
    this.stand("opening", say("opening"));
    try {
      const opened = await postJson<Opened>(this.props.open_url, AbortSignal.timeout(15_000));
      this.play(opened);
    } catch (error) {
      this.stand("refused", say("refused", { why: messageOf(error).replace(/[。.]$/u, "") }));
    }
  }

  private play(opened: Opened): void {
    if (!this.element.isConnected) return;
    this.moved = false;
    this.stream = new Stream(this.video, opened.address, opened.form, {
      moved: () => this.moves("live"),
      recorded: () => this.moves("recorded"),
      ended: (why, final) => this.lost(opened, why, final ?? false),
    });
  }

  private moves(how: "live" | "recorded"): void {
    if (!this.element.isConnected) this.close();
    else if (this.element.dataset["live"] !== how) this.stand(how, say(how));
    this.moved = true;
    this.pause = FIRST_PAUSE_S;
  }

  private lost(opened: Opened, why: string, final: boolean): void {
    this.was ||= this.moved;
    this.close();
    if (!this.element.isConnected) return;
    if (final) {
      this.stand("refused", say("refused", { why }));
      return;
    }
    const seconds = this.pause;
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_S);
    this.stand(this.was ? "lost" : "failed", say(this.was ? "lost" : "failed", { why, seconds }));
    this.waiting = window.setTimeout(() => this.play(opened), seconds * 1000);
  }

  private close(): void {
    window.clearTimeout(this.waiting);
    this.stream?.close();
    this.stream = null;
  }

  private stop(): void {
    this.close();
    this.pause = FIRST_PAUSE_S;
    this.stand("idle");
  }

  private stand(state: State, words = ""): void {
    this.element.dataset["live"] = state;
    this.element.dataset["state"] = "ready";
    this.note.textContent = words;
    const stopped = state === "idle" || state === "refused";
    this.presses.replaceChildren(
      stopped ? button(say("play"), "player-play", () => void this.open()) : button(say("stop"), "x", () => this.stop(), true),
    );
  }
}
