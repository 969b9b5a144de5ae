import { h } from "../kit/dom";
import { dictionary } from "../kit/language";

const say = dictionary({
  failed: ["这一部分没有载入，请刷新本页。", "This part did not load. Reload the page."],
});

interface Island {
  mount(element: HTMLElement, props: unknown): void;
}

const ISLANDS: Record<string, () => Promise<Island>> = {
  chart: () => import("../islands/chart/main"),
  live: () => import("../islands/live/main"),
  map: () => import("../islands/map/main"),
  video: () => import("../islands/video/main"),
};

/** Mount every island inside `root` that is not mounted yet; its code is fetched only now. */
export function mountIslands(root: HTMLElement): void {
  const found = [...root.querySelectorAll<HTMLElement>("[data-island]")];
  if (root.matches("[data-island]")) found.push(root);
  for (const element of found) {
    if (element.dataset["state"]) continue;
    element.dataset["state"] = "loading";
    void mount(element);
  }
}

async function mount(element: HTMLElement): Promise<void> {
  try {
    const load = ISLANDS[element.dataset["island"] ?? ""];
    if (!load) throw new Error(`No island "${element.dataset["island"]}"; expected ${Object.keys(ISLANDS).join(", ")}`);
    const props: unknown = JSON.parse(element.querySelector('script[type="application/json"]')?.textContent ?? "{}");
    (await load()).mount(element, props);
  } catch (error) {
    console.error(error);
    element.dataset["state"] = "failing";
    element.replaceChildren(h("p", { class: "qy-island-note", role: "alert" }, say("failed")));
  }
}

/** An island with `hx-trigger="sse:<event>"` reads its data again when the live stream says so. */
export function refreshIslandsFromStream(): void {
  document.addEventListener("htmx:sseMessage", (event) => {
    if (event.target instanceof HTMLElement && event.target.matches("[data-island]")) {
      event.target.dispatchEvent(new CustomEvent("qy:refresh", { bubbles: true }));
    }
  });
}
