/** What the video island is told and what its address answers; docs/explanation/interface.md tells it to people. */
export interface VideoProps {
  /** Address on this site that answers `Footage` as JSON. */
  footage: string;
  /** Channels whose readings are drawn or told; each address answers a `ChartAnswer`. */
  channels: { title: string; url: string }[];
  /** For how long a value stands, one for each series of a channel, in ms; 0 until the next is overdue. */
  stands: number[];
  /** The instant to begin at, ISO 8601, and the camera to begin with; empty for the first that there is. */
  at: string;
  camera: string;
}

export interface Camera {
  code: string;
  title: string;
  looks_at: string;
}

/** A clip, or a still, for which `to` is `from`. Times in epoch milliseconds; no `url` where the bytes were removed. */
export interface Item {
  id: number;
  camera: string;
  clip: boolean;
  from: number;
  to: number;
  url: string;
  page: string;
}

export interface Footage {
  from: number;
  to: number;
  cameras: Camera[];
  footage: Item[];
  more: boolean;
}

/** A still stands for the instants after it, until the next one, but no longer than this. */
export const STILL_STANDS_MS = 5 * 60_000;
