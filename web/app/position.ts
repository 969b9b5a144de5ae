import { dictionary } from "../kit/language";

const say = dictionary({
  asking: ["正在取得本机位置……", "Asking this device where it is …"],
  found: ["已附上本机位置（误差约 {metres} 米）。", "The position of this device is added (to about {metres} m)."],
  refused: ["本机未提供位置，记录照常提交。", "This device gave no position; the record is filed without it."],
});

/**
 * A form that holds `[data-locate]` and fields named lon, lat and accuracy_m gets the device's position if the person
 * allows it, and the device's time in device_at. Without either it is sent all the same.
 */
export function addPosition(): void {
  for (const note of document.querySelectorAll<HTMLElement>("form [data-locate]")) {
    const form = note.closest("form");
    if (!form) continue;
    form.addEventListener("submit", () => put(form, "device_at", new Date().toISOString()));
    if (navigator.geolocation && window.isSecureContext) ask(form, note);
  }
}

function ask(form: HTMLFormElement, note: HTMLElement): void {
  const tell = (text: string): void => {
    const word = note.querySelector("[data-locate-word]");
    if (word) word.textContent = text;
  };
  note.hidden = false;
  tell(say("asking"));
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      put(form, "lon", coords.longitude.toFixed(6));
      put(form, "lat", coords.latitude.toFixed(6));
      put(form, "accuracy_m", coords.accuracy.toFixed(0));
      tell(say("found", { metres: Math.round(coords.accuracy) }));
    },
    () => tell(say("refused")),
    { enableHighAccuracy: true, timeout: 20_000, maximumAge: 60_000 },
  );
}

function put(form: HTMLFormElement, name: string, value: string): void {
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLInputElement) field.value = value;
}
