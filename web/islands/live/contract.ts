/** What the island of one live picture is told, and what its address answers. */
export interface LiveProps {
  /** Address of this site that answers `Opened` to a POST; the log says who asked. */
  open_url: string;
  title: string;
  /** Whether it plays as soon as it stands on the page. */
  plays: boolean;
}

export interface Opened {
  address: string;
  form: "hls" | "file";
}

/** How the picture stands: `lost` was there and is tried again, `failed` was never there and is tried again. */
export type State = "idle" | "opening" | "live" | "recorded" | "lost" | "failed" | "refused";
