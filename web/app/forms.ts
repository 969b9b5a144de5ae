import { h, toast } from "../kit/dom";
import { dictionary } from "../kit/language";

const say = dictionary({
  unreachable: ["没有连上服务器，您填写的内容已保留在本机，请稍后再试。", "The server could not be reached. What you typed is kept on this device; try again."],
  refused: ["服务器没有接受（{status}）。您填写的内容已保留。", "The server did not accept this ({status}). What you typed is kept."],
  notSent: ["现在没有网络，未提交；您填写的内容已保留在本机。", "You are offline, so nothing was sent. What you typed is kept on this device."],
});

/** Forms submit once, ask before what cannot be undone, and say what went wrong; focus goes to the error summary. */
export function helpForms(): void {
  document.querySelector<HTMLElement>("[data-error-summary]")?.focus();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || event.defaultPrevented) return;
    const question = form.dataset["confirm"];
    if (question && !window.confirm(question)) event.preventDefault();
    else if (!navigator.onLine && form.method === "post") {
      event.preventDefault();
      toast(say("notSent"));
    } else window.setTimeout(() => markBusy(form, true));
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) markBusy(form, false);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target instanceof Element ? event.target.closest("form") : null;
    if (form) markBusy(form, false);
  });
  document.addEventListener("htmx:sendError", () => banner(say("unreachable")));
  document.addEventListener("htmx:responseError", (event) => {
    const status = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr.status;
    banner(say("refused", { status }));
  });
}

function markBusy(form: HTMLFormElement, busy: boolean): void {
  for (const button of form.querySelectorAll<HTMLButtonElement>("button[type=submit], button:not([type])")) {
    if (busy) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
    button.disabled = busy || button.dataset["disabled"] !== undefined;
  }
}

function banner(text: string): void {
  const place = document.getElementById("qy-messages");
  if (!place) {
    toast(text);
    return;
  }
  place.querySelector("[data-script-banner]")?.remove();
  place.prepend(h("div", { class: "qy-note is-failing", role: "alert", "data-script-banner": true }, text));
}
