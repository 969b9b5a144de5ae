import Hls, { ErrorTypes, Events, type ErrorData } from "hls.js/light";

import { say } from "./words";

export interface Told {
  /** The picture moves, and is of now: its list of parts has grown since it was opened, or its file does not end. */
  moved: () => void;
  /** The picture moves, and is a recording. */
  recorded: () => void;
  /** It has ended; `final` where trying again changes nothing. */
  ended: (why: string, final?: boolean) => void;
}

const STANDS_MS = 8_000; // without a new picture; our own choice
const LOOK_MS = 1_000;
const UNPLAYABLE = new Set(["manifestIncompatibleCodecsError", "bufferAddCodecError", "bufferIncompatibleCodecsError"]);

/** One try at one stream, in one element; ends by itself when the picture stands still. */
export class Stream {
  private readonly hls: Hls | null = null;
  private readonly watching: number;
  private at = -1;
  private movedAt = Date.now();
  private over = false;
  private newest = -1; // the number of the last part of the list
  private grown = false; // a list that stays the same is of a source that is dead: its last parts still play
  private ends = false;

  constructor(
    private readonly video: HTMLVideoElement,
    address: string,
    form: "hls" | "file",
    private readonly told: Told,
  ) {
    this.grown = form === "file";
    this.video.addEventListener("ended", this.finished);
    this.watching = window.setInterval(() => this.look(), LOOK_MS);
    if (form === "file" || !Hls.isSupported()) this.playItself(address, form);
    else this.hls = this.playWith(address);
  }

  close(): void {
    this.over = true;
    window.clearInterval(this.watching);
    this.video.removeEventListener("ended", this.finished);
    this.video.removeEventListener("error", this.broken);
    this.hls?.destroy();
    this.video.removeAttribute("src");
    this.video.load();
  }

  /** What the element plays alone: a stream as one endless file, or HLS where the browser knows it. */
  private playItself(address: string, form: "hls" | "file"): void {
    this.grown = true; // the element does not tell of its list
    if (form === "hls" && !this.video.canPlayType("application/vnd.apple.mpegurl")) {
      this.end(say("notLive"), true);
      return;
    }
    this.video.addEventListener("error", this.broken);
    this.video.src = address;
    void this.video.play().catch(() => undefined);
  }

  private playWith(address: string): Hls {
    const hls = new Hls({
      enableWorker: false,
      liveSyncDurationCount: 2,
      liveMaxLatencyDurationCount: 8,
      maxLiveSyncPlaybackRate: 1.2,
      backBufferLength: 10,
    });
    hls.on(Events.ERROR, (_event, data) => this.failed(data));
    hls.on(Events.LEVEL_LOADED, (_event, { details }) => {
      this.grown ||= this.newest >= 0 && details.endSN > this.newest;
      this.newest = details.endSN;
      this.ends = !details.live;
    });
    hls.on(Events.MANIFEST_PARSED, () => void this.video.play().catch(() => undefined));
    hls.loadSource(address);
    hls.attachMedia(this.video);
    return hls;
  }

  private failed(data: ErrorData): void {
    const status = data.response?.code ?? 0;
    if (status === 401 || status === 403) this.end(say("credentials", { status }));
    else if (!data.fatal) return;
    else if (UNPLAYABLE.has(data.details)) this.end(say("unplayable"), true);
    else if (data.type === ErrorTypes.NETWORK_ERROR) this.end(spoken(status));
    else this.end(say("stands"));
  }

  private readonly broken = (): void => {
    this.end(this.video.error?.code === MediaError.MEDIA_ERR_DECODE ? say("unplayable") : say("silent"));
  };

  private readonly finished = (): void => this.end(say("ended"), this.isRecording());

  private look(): void {
    const now = this.video.currentTime;
    if (this.video.paused && this.at >= 0) this.movedAt = Date.now(); // a person's own choice
    if (now !== this.at && now > 0) {
      this.at = now;
      this.movedAt = Date.now();
      if (this.isRecording()) this.told.recorded();
      else if (this.grown) this.told.moved();
    } else if (Date.now() - this.movedAt > STANDS_MS) this.end(say("stands"));
  }

  private isRecording(): boolean {
    return this.ends || (this.hls === null && Number.isFinite(this.video.duration));
  }

  private end(why: string, final = false): void {
    if (this.over) return;
    this.over = true;
    window.clearInterval(this.watching);
    window.setTimeout(() => this.told.ended(why, final), 0);
  }
}

function spoken(status: number): string {
  if (status === 404) return say("missing");
  return status === 0 ? say("silent") : say("status", { status });
}
