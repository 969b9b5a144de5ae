/** People read Asia/Shanghai wherever their browser stands; the zone has had no other offset since 1991. */
export const SHANGHAI_MS = 8 * 3600 * 1000;

const two = (value: number): string => String(value).padStart(2, "0");

function parts(at: number) {
  const date = new Date(at + SHANGHAI_MS);
  return {
    year: date.getUTCFullYear(),
    day: `${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`,
    minute: `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`,
    second: two(date.getUTCSeconds()),
  };
}

/** `11-22 14:05` in the year of `now`, `2025-11-22 14:05` otherwise. */
export function stamp(at: number, now = Date.now()): string {
  const { year, day, minute } = parts(at);
  return year === parts(now).year ? `${day} ${minute}` : `${year}-${day} ${minute}`;
}

/** The whole date and time; seconds only where they say something. */
export function fullStamp(at: number): string {
  const { year, day, minute, second } = parts(at);
  return `${year}-${day} ${minute}${second === "00" ? "" : `:${second}`}`;
}

export function clockTime(at: number): string {
  return parts(at).minute;
}
