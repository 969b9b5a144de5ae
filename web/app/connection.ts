import { dictionary } from "../kit/language";
import { clockTime } from "../kit/time";

const say = dictionary({
  connecting: ["正在连接", "Connecting"],
  live: ["实时", "Live"],
  lost: ["连接中断，{since} 后未更新，正在重连", "Connection lost, nothing new since {since}; reconnecting"],
  offline: ["网络断开，{since} 后未更新", "Offline, nothing new since {since}"],
});

type State = "connecting" | "live" | "lost" | "offline";

/** The server ends each stream from time to time and the browser comes back within seconds: that is no news. */
const PATIENCE_MS = 5000;

/** Show how the live stream stands, on pages that have one. */
export function watchConnection(): void {
  const badge = document.getElementById("qy-connection");
  const word = badge?.querySelector<HTMLElement>("[data-word]");
  if (!badge || !word) return;
  let lastSeen = Date.now();
  let doubt = 0;
  const show = (state: State): void => {
    window.clearTimeout(doubt);
    doubt = 0;
    if (state === "live") lastSeen = Date.now();
    badge.hidden = false;
    if (badge.dataset["state"] === state) return;
    badge.dataset["state"] = state;
    word.textContent = say(state, { since: clockTime(lastSeen) });
  };
  if (document.querySelector("[sse-connect]")) show("connecting");
  document.addEventListener("htmx:sseOpen", () => show("live"));
  document.addEventListener("htmx:sseMessage", () => show("live"));
  document.addEventListener("htmx:sseError", () => {
    doubt ||= window.setTimeout(() => show(navigator.onLine ? "lost" : "offline"), PATIENCE_MS);
  });
  window.addEventListener("offline", () => show("offline"));
  window.addEventListener("online", () => {
    if (document.querySelector("[sse-connect]")) show("connecting");
    else badge.hidden = true;
  });
}
