import { toast } from "../kit/dom";
import { ReadFailed, readJson } from "../kit/fetching";
import { dictionary } from "../kit/language";

const say = dictionary({
  title: ["新任务：{step}", "New task: {step}"],
  off: ["本浏览器：开启新任务提醒", "Tell me of new tasks in this browser"],
  on: ["本浏览器：新任务提醒已开启", "This browser tells of new tasks"],
  blocked: ["浏览器已禁止本站通知，请在浏览器的网站设置中允许", "This browser blocks notices of this site: allow them in its site settings"],
  none: ["本浏览器不支持通知（需要 HTTPS）", "This browser shows no notices here (HTTPS is needed)"],
});

interface Task {
  id: number;
  title: string;
  step: string;
  href: string;
}

/**
 * A page with the live stream tells of tasks that are given meanwhile: in the page while it is seen, else by the count in
 * the tab's title and, where the person switched it on, by a notice of the browser. The stream's hints carry no
 * subjects, so what is new is fetched with the person's own rights.
 */
export function tellOfNewTasks(): void {
  const mark = document.querySelector<HTMLElement>("[data-new-tasks]");
  if (!mark) return;
  const plain = document.title;
  const known = new Set<number>();
  let unseen = 0;
  document.addEventListener("htmx:sseMessage", (event) => {
    if (event.target === mark) void look();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    unseen = 0;
    document.title = plain;
  });

  async function look(): Promise<void> {
    const fresh = (await newSince(mark as HTMLElement)).filter((task) => !known.has(task.id));
    for (const task of fresh) {
      known.add(task.id);
      if (document.hidden) notify(task);
      else toast(`${say("title", { step: task.step })} ${task.title}`);
    }
    if (!document.hidden) return;
    unseen += fresh.length;
    if (unseen > 0) document.title = `(${unseen}) ${plain}`;
  }
}

async function newSince(mark: HTMLElement): Promise<Task[]> {
  const url = `${mark.dataset["url"]}?since=${mark.dataset["newTasks"]}`;
  try {
    return (await readJson<{ tasks: Task[] }>(url, new AbortController().signal)).tasks;
  } catch (error) {
    if (error instanceof ReadFailed) return []; // the page itself shows that the connection is lost
    throw error;
  }
}

const key = (): string => `qy:notices:${document.documentElement.dataset["user"] ?? ""}`;
const wanted = (): boolean => localStorage.getItem(key()) === "on";

function notify(task: Task): void {
  if (!("Notification" in window) || Notification.permission !== "granted" || !wanted()) return;
  try {
    const notice = new Notification(say("title", { step: task.step }), { body: task.title, tag: `task-${task.id}` });
    notice.addEventListener("click", () => {
      window.focus();
      location.assign(task.href);
    });
  } catch {
    /* Phones' browsers take notices from service workers only: the title counts all the same. */
  }
}

/** The switch on the tasks page: it asks the browser for permission and shows how that stands. */
export function offerNotices(): void {
  const button = document.querySelector<HTMLButtonElement>("[data-notices-switch]");
  const word = button?.querySelector<HTMLElement>("[data-word]");
  if (!button || !word) return;
  const show = (): void => {
    const usable = "Notification" in window && window.isSecureContext;
    const blocked = usable && Notification.permission === "denied";
    const on = usable && Notification.permission === "granted" && wanted();
    button.hidden = false;
    button.disabled = !usable || blocked;
    button.setAttribute("aria-pressed", String(on));
    word.textContent = say(!usable ? "none" : blocked ? "blocked" : on ? "on" : "off");
  };
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-pressed") === "true") localStorage.removeItem(key());
    else if ((await Notification.requestPermission()) === "granted") localStorage.setItem(key(), "on");
    show();
  });
  show();
}
