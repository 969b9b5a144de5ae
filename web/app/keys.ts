const OFF = "qy:single-keys-off";

/**
 * `/` goes to the search; on a queue `j` and `k` walk the rows and Enter opens one; `?` lists the keys.
 * Single keys can be switched off there (WCAG 2.1.4), which this browser remembers.
 */
export function listenToKeys(): void {
  const help = document.getElementById("qy-keys") as HTMLDialogElement | null;
  const off = help?.querySelector<HTMLInputElement>("[data-keys-off]");
  if (off) {
    off.checked = localStorage.getItem(OFF) === "1";
    off.addEventListener("change", () => localStorage.setItem(OFF, off.checked ? "1" : "0"));
  }
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    if (event.target.closest("[data-show-keys]")) help?.showModal();
    if (event.target.closest("[data-close-dialog]")) event.target.closest("dialog")?.close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (localStorage.getItem(OFF) === "1" || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "/") focusSearch(event);
    else if (event.key === "?") help?.showModal();
    else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "Enter") openCurrent(event);
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable=true]") !== null;
}

function focusSearch(event: KeyboardEvent): void {
  const field = document.querySelector<HTMLInputElement>("[data-search]");
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
}

/** Rows are the `[data-queue-item]` of a `[data-queue]`; the current one carries the focus on its link. */
function step(by: number): void {
  const items = [...document.querySelectorAll<HTMLElement>("[data-queue] [data-queue-item]")];
  if (items.length === 0) return;
  const current = items.findIndex((item) => item.contains(document.activeElement));
  const next = current < 0 ? (by > 0 ? 0 : items.length - 1) : Math.min(Math.max(current + by, 0), items.length - 1);
  const item = items[next];
  (item?.querySelector<HTMLElement>("a[href]") ?? item)?.focus();
  item?.scrollIntoView({ block: "nearest" });
}

function openCurrent(event: KeyboardEvent): void {
  const target = event.target;
  if (!(target instanceof HTMLElement) || target.closest("a, button, summary")) return;
  const link = target.closest("[data-queue-item]")?.querySelector<HTMLAnchorElement>("a[href]");
  if (!link) return;
  event.preventDefault();
  link.click();
}
