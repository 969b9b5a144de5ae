import { dictionary } from "../kit/language";

const say = dictionary({
  now: ["刚刚", "just now"],
  ago: ["{span}前", "{span} ago"],
  left: ["剩 {span}", "{span} left"],
  overdue: ["超时 {span}", "overdue {span}"],
  minutes: ["{n} 分钟", "{n} min"],
  hours: ["{h} 小时 {n} 分钟", "{h} h {n} min"],
  days: ["{d} 天 {h} 小时", "{d} d {h} h"],
  hoursOnly: ["{h} 小时", "{h} h"],
  daysOnly: ["{d} 天", "{d} d"],
});

const MINUTE = 60_000;

/** The same spans as the server writes (template filters `ago` and `clock_badge`). */
function span(ms: number): string {
  const minutes = Math.floor(ms / MINUTE);
  if (minutes < 60) return say("minutes", { n: minutes });
  if (minutes < 48 * 60) return say("hours", { h: Math.floor(minutes / 60), n: minutes % 60 });
  return say("days", { d: Math.floor(minutes / 1440), h: Math.floor((minutes % 1440) / 60) });
}

function about(ms: number): string {
  const minutes = Math.floor(ms / MINUTE);
  if (minutes < 60) return say("minutes", { n: minutes });
  if (minutes < 48 * 60) return say("hoursOnly", { h: Math.floor(minutes / 60) });
  return say("daysOnly", { d: Math.floor(minutes / 1440) });
}

/** Relative times and case clocks go on while the page stays open. */
export function keepTimesCurrent(): void {
  const update = (): void => {
    const now = Date.now();
    for (const element of document.querySelectorAll<HTMLTimeElement>("time[data-ago]")) {
      const passed = now - Date.parse(element.dateTime);
      setText(element, passed < MINUTE ? say("now") : say("ago", { span: about(passed) }));
    }
    for (const badge of document.querySelectorAll<HTMLElement>("[data-due]")) updateClock(badge, now);
  };
  window.setInterval(update, 20_000);
  document.addEventListener("htmx:load", update);
}

function updateClock(badge: HTMLElement, now: number): void {
  const due = Date.parse(badge.dataset["due"] ?? "");
  const soon = Date.parse(badge.dataset["soon"] ?? "");
  const state = now > due ? "overdue" : now >= soon ? "due-soon" : "on-time";
  badge.dataset["clock"] = state;
  const word = badge.querySelector<HTMLElement>("[data-word]");
  if (word) setText(word, say(state === "overdue" ? "overdue" : "left", { span: span(Math.abs(due - now)) }));
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
