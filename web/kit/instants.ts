/** An instant that one island points at and others on the page show: a chart moves a marker on a map. */
const NAME = "qy:instant";

interface Pointed {
  /** What both are about; a page may hold several. */
  about: string;
  /** Epoch milliseconds; null when nothing is pointed at any more. */
  at: number | null;
}

export function pointAt(about: string, at: number | null): void {
  document.dispatchEvent(new CustomEvent<Pointed>(NAME, { detail: { about, at } }));
}

/** Call `show` whenever something about the same is pointed at, as long as `element` is on the page. */
export function onPointed(element: HTMLElement, about: string, show: (at: number | null) => void): void {
  const heard = (event: Event): void => {
    if (!element.isConnected) {
      document.removeEventListener(NAME, heard);
      return;
    }
    const { detail } = event as CustomEvent<Pointed>;
    if (detail.about === about) show(detail.at);
  };
  document.addEventListener(NAME, heard);
}
