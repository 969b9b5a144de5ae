import { toast } from "../kit/dom";
import { dictionary } from "../kit/language";

const say = dictionary({
  copied: ["已复制 {text}", "Copied {text}"],
  notCopied: ["浏览器不允许复制，请手动选中复制。", "The browser refused to copy; select the text and copy it by hand."],
});

/** A button with `data-copy="text"` puts that text on the clipboard. */
export function copyOnClick(): void {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-copy]") : null;
    if (!button) return;
    const text = button.dataset["copy"] ?? "";
    const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
    void copy(text).then((done) => toast(done ? say("copied", { text: shown }) : say("notCopied")));
  });
}

/** The clipboard API needs HTTPS; an intranet address without it still has the older command. */
async function copy(text: string): Promise<boolean> {
  if (navigator.clipboard && window.isSecureContext) {
    return navigator.clipboard.writeText(text).then(() => true, () => false);
  }
  const field = document.createElement("textarea");
  field.value = text;
  field.style.position = "fixed";
  field.style.opacity = "0";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}

/** Menus made of <details data-menu> close on a press outside and on Escape. */
export function closeMenusOutside(): void {
  const open = (): HTMLDetailsElement[] => [...document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]")];
  document.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target as Node)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });
}

const MENU_COOKIE = "qy_menu";

/** Which groups of the menu the person has opened; a cookie, so that the next page is drawn with them open at once. */
export function rememberMenuGroups(): void {
  document.addEventListener("click", (event) => {
    const summary = event.target instanceof Element ? event.target.closest("details[data-group] > summary") : null;
    const menu = summary?.closest(".qy-menu");
    if (!menu) return;
    window.setTimeout(() => {
      const open = [...menu.querySelectorAll<HTMLDetailsElement>("details[data-group][open]")];
      const names = open.map((group) => group.dataset["group"] ?? "").join(".");
      document.cookie = `${MENU_COOKIE}=${names}; path=/; max-age=31536000; samesite=lax`;
    });
  });
}
