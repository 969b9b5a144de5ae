declare module "htmx-ext-sse";

/** The build of hls.js without subtitles, further sound tracks and rights management; its types are those of the whole. */
declare module "hls.js/light" {
  export * from "hls.js";
  export { default } from "hls.js";
}
