/** What is shown lives in the address, so that a view can be sent: `#map=11/30.6/104.1&layers=stations,cases&at=…`. */
function parts(): URLSearchParams {
  return new URLSearchParams(location.hash.slice(1));
}

export function fromAddress(name: "layers" | "at"): string | null {
  return parts().get(name);
}

export function intoAddress(name: "layers" | "at", value: string | null): void {
  const all = parts();
  if (value === null) all.delete(name);
  else all.set(name, value);
  const text = [...all].map(([key, content]) => `${key}=${encodeURIComponent(content).replaceAll("%2F", "/").replaceAll("%2C", ",").replaceAll("%3A", ":")}`).join("&");
  history.replaceState(history.state, "", `${location.pathname}${location.search}#${text}`);
}
