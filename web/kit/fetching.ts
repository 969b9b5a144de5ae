import { dictionary } from "./language";

const say = dictionary({
  offline: ["没有连上服务器。请检查网络后重试。", "The server could not be reached. Check the network and try again."],
  signedOut: ["登录已过期，请重新登录后刷新本页。", "Your session has ended. Sign in again, then reload this page."],
  forbidden: ["您的角色或辖区不能查看这些数据，可请管理员授权。", "Your role or territory may not see these data; an administrator can grant it."],
  missing: ["这些数据已不存在（404）。", "These data no longer exist (404)."],
  server: ["服务器出错（{status}）。", "The server failed ({status})."],
  unreadable: ["服务器的回答无法读取，应为 JSON。", "The server's answer could not be read; JSON was expected."],
});

/** A read that did not succeed; the message is for the person. */
export class ReadFailed extends Error {
  override name = "ReadFailed";
}

/** What went wrong, for a person. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** GET JSON from an address of this site. */
export async function readJson<Answer>(url: string, signal: AbortSignal): Promise<Answer> {
  return asked<Answer>(url, { headers: { Accept: "application/json" }, signal });
}

/** POST to an address of this site, with the token of the page, and read the JSON of its answer. */
export async function postJson<Answer>(url: string, signal: AbortSignal): Promise<Answer> {
  const token = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}") as Record<string, string>;
  return asked<Answer>(url, { method: "POST", headers: { Accept: "application/json", ...token }, signal });
}

async function asked<Answer>(url: string, asking: RequestInit & { signal: AbortSignal }): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(url, { ...asking, credentials: "same-origin" });
  } catch (error) {
    if (asking.signal.aborted) throw error;
    throw new ReadFailed(say("offline"));
  }
  const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
  if (response.status === 401 || (response.redirected && !isJson)) throw new ReadFailed(say("signedOut"));
  if (response.status === 403) throw new ReadFailed(say("forbidden"));
  if (response.status === 404) throw new ReadFailed(say("missing"));
  if (!response.ok) throw new ReadFailed(say("server", { status: response.status }));
  try {
    return (await response.json()) as Answer;
  } catch (error) {
    if (asking.signal.aborted) throw error;
    throw new ReadFailed(say("unreadable"));
  }
}
