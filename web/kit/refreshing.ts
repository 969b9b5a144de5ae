const AT_MOST_EVERY_MS = 1000;

/**
 * Call `refresh` when `qy:refresh` reaches `element` or anything around it, at most once a second,
 * never twice at a time, and never while the page is hidden (once when it is seen again).
 */
export function onRefresh(element: HTMLElement, refresh: () => Promise<void>): void {
  let running = false;
  let wanted = false;
  const run = async (): Promise<void> => {
    if (running || document.hidden || !element.isConnected) return;
    running = true;
    wanted = false;
    await refresh();
    window.setTimeout(() => {
      running = false;
      if (wanted) void run();
    }, AT_MOST_EVERY_MS);
  };
  const heard = (event: Event): void => {
    const target = event.target;
    if (target instanceof Node && !target.contains(element)) return;
    if (!element.isConnected) {
      document.removeEventListener("qy:refresh", heard);
      return;
    }
    wanted = true;
    void run();
  };
  document.addEventListener("qy:refresh", heard);
  document.addEventListener("visibilitychange", () => {
    if (wanted) void run();
  });
}
