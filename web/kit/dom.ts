type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined>;

/** Make an element; attributes that are null, undefined or false are left out. Text is never read as HTML. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** One icon of the sheet named on <html data-icons>; decoration only, so hidden from screen readers. */
export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "qy-icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${document.documentElement.dataset["icons"] ?? ""}#${name}`);
  svg.append(use);
  return svg;
}

export function button(title: string, iconName: string, pressed: () => void, quiet = false): HTMLButtonElement {
  const made = h("button", { type: "button", class: "btn btn-sm", title, "aria-label": title },
    icon(iconName), quiet ? null : h("span", {}, title));
  made.addEventListener("click", pressed);
  return made;
}

/** Hand a file to the person. */
export function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = h("a", { href: url, download: name.replace(/[\\/:*?"<>|\s]+/g, "_") });
  document.body.append(link);
  link.click();
  link.remove();
  window.setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Say something short to everyone, seen and heard. */
export function toast(text: string): void {
  const place = document.getElementById("qy-toasts");
  if (!place) return;
  const note = h("div", { class: "qy-toast" }, text);
  place.append(note);
  window.setTimeout(() => note.remove(), 4000);
}
