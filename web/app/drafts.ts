import { h } from "../kit/dom";
import { dictionary } from "../kit/language";
import { stamp } from "../kit/time";

const say = dictionary({
  restored: ["已恢复您 {at} 未提交的内容。", "What you typed at {at} and did not send is back."],
  discard: ["不要了", "Discard"],
  maybeSent: ["您 {at} 提交过内容，但没有收到服务器的确认。", "You sent something at {at}, but the server never confirmed it."],
  putBack: ["取回内容", "Put it back"],
});

const PREFIX = "qy:draft:";
const KEPT_FOR_MS = 7 * 24 * 3600 * 1000;
const WAIT_MS = 300;

interface Draft {
  at: number;
  sent: boolean;
  values: Record<string, string[]>;
}

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/**
 * A form with `data-draft="key"` keeps its text in this browser, under the person's own key, until the server confirms
 * it: by a success message on the next page, or by a successful htmx answer.
 */
export function keepDrafts(): void {
  forgetOldAndConfirmed();
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-draft]")) offerDraft(form);
  document.addEventListener("htmx:load", (event) => {
    if (!(event.target instanceof HTMLElement)) return;
    for (const form of event.target.querySelectorAll<HTMLFormElement>("form[data-draft]")) offerDraft(form);
  });
  let timer = 0;
  document.addEventListener("input", (event) => {
    const form = event.target instanceof Element ? event.target.closest<HTMLFormElement>("form[data-draft]") : null;
    if (!form) return;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => write(form, false), WAIT_MS);
  });
  document.addEventListener("submit", (event) => {
    if (!(event.target instanceof HTMLFormElement) || !event.target.dataset["draft"]) return;
    window.clearTimeout(timer);
    write(event.target, !event.defaultPrevented && navigator.onLine);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target instanceof Element ? event.target.closest<HTMLFormElement>("form[data-draft]") : null;
    const { successful } = (event as CustomEvent<{ successful?: boolean }>).detail;
    if (form) successful ? localStorage.removeItem(keyOf(form)) : write(form, false);
  });
}

const owner = (): string => document.documentElement.dataset["user"] ?? "";
const keyOf = (form: HTMLFormElement): string => `${PREFIX}${owner()}:${form.dataset["draft"]}`;

function fieldsOf(form: HTMLFormElement): Field[] {
  return [...form.elements].filter((element): element is Field => {
    if (element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement) return element.name !== "";
    if (!(element instanceof HTMLInputElement) || element.name === "") return false;
    return !["hidden", "password", "file", "submit", "button", "reset", "image"].includes(element.type);
  });
}

function valuesOf(form: HTMLFormElement): Record<string, string[]> {
  const values: Record<string, string[]> = {};
  for (const field of fieldsOf(form)) {
    const list = (values[field.name] ??= []);
    if (field instanceof HTMLSelectElement) list.push(...[...field.selectedOptions].map((option) => option.value));
    else if (field.type !== "checkbox" && field.type !== "radio") list.push(field.value);
    else if ((field as HTMLInputElement).checked) list.push(field.value);
  }
  return values;
}

function fill(form: HTMLFormElement, values: Record<string, string[]>): void {
  const left = structuredClone(values);
  for (const field of fieldsOf(form)) {
    const list = left[field.name];
    if (!list) continue;
    if (field instanceof HTMLSelectElement) for (const option of field.options) option.selected = list.includes(option.value);
    else if (field.type === "checkbox" || field.type === "radio") (field as HTMLInputElement).checked = list.includes(field.value);
    else field.value = list.shift() ?? field.value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function write(form: HTMLFormElement, sent: boolean): void {
  const draft: Draft = { at: Date.now(), sent, values: valuesOf(form) };
  try {
    localStorage.setItem(keyOf(form), JSON.stringify(draft));
  } catch {
    /* The browser's store is full or forbidden: the form itself still holds the text. */
  }
}

function read(key: string): Draft | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null") as Draft | null;
  } catch {
    return null;
  }
}

function offerDraft(form: HTMLFormElement): void {
  const key = keyOf(form);
  const draft = read(key);
  const given = valuesOf(form);
  if (!draft || form.querySelector("[data-draft-notice]")) return;
  if (JSON.stringify(draft.values) === JSON.stringify(given) || form.querySelector("[data-error-summary]")) return;
  const at = stamp(draft.at);
  const notice = h("div", { class: "qy-note is-info", "data-draft-notice": true, role: "status" },
    h("span", {}, draft.sent ? say("maybeSent", { at }) : say("restored", { at })));
  if (draft.sent) {
    notice.append(press(say("putBack"), () => {
      fill(form, draft.values);
      notice.remove();
    }));
  } else fill(form, draft.values);
  notice.append(press(say("discard"), () => {
    localStorage.removeItem(key);
    fill(form, given);
    notice.remove();
  }));
  form.prepend(notice);
}

function press(title: string, pressed: () => void): HTMLButtonElement {
  const button = h("button", { type: "button", class: "btn btn-sm" }, title);
  button.addEventListener("click", pressed);
  return button;
}

/** A success message on the page confirms everything that this person sent before it. */
function forgetOldAndConfirmed(): void {
  const confirmed = document.querySelector("#qy-messages [data-level=success]") !== null;
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith(PREFIX)) continue;
    const draft = read(key);
    const isMine = key.startsWith(`${PREFIX}${owner()}:`);
    const isOld = !draft || Date.now() - draft.at > KEPT_FOR_MS;
    if (isOld || (confirmed && isMine && draft?.sent)) localStorage.removeItem(key);
  }
}
