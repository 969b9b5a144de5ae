/** The page says its language once, on <html lang>; islands follow it. */
export const chinese = document.documentElement.lang.toLowerCase().startsWith("zh");

type Pair = readonly [zh: string, en: string];

/** A small dictionary: `say("shown", { count: 12 })` fills `{count}` in the pair's text of this page's language. */
export function dictionary<Key extends string>(pairs: Record<Key, Pair>) {
  return (key: Key, values: Record<string, string | number> = {}): string =>
    pairs[key][chinese ? 0 : 1].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

const grouped = new Intl.NumberFormat("en-US");

/** A count with thousands separators. */
export const count = (value: number): string => grouped.format(value);

/** A measured amount with its factor's decimals; a missing one is an em dash, never 0. */
export function amount(value: number | null | undefined, decimals: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "—";
  return value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}
