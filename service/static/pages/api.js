/** Asking the API of the service that served this page, with the key of this tab where there is one. */

const KEY = "loccit-key";

/** Pages and their files may stand below any prefix: all addresses are relative to that of this module. */
export const HOME = new URL("../", import.meta.url);

/** What is unknown, and what is withdrawn. */
export const NOT_THERE = [404, 410];

/** A failure whose message is written for the reader; `status` is that of the reply, if there was one. */
export class Failure extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** A widget hands its key, which anyone may read, over behind the #. It goes from there, so that no link is copied with it. */
const handed = new URLSearchParams(location.hash.slice(1)).get("key");
if (handed?.startsWith("loccit_pk_")) {
  sessionStorage.setItem(KEY, handed);
  history.replaceState(null, "", location.pathname + location.search);
}

export function key() {
  return sessionStorage.getItem(KEY);
}

export function keep(value) {
  sessionStorage.setItem(KEY, value);
}

/** The path of something below the API, its parts encoded: `path("documents", id, "text")`. */
export function path(...parts) {
  return `v1/${parts.map(encodeURIComponent).join("/")}`;
}

export async function getJson(where) {
  return (await reply(where)).json();
}

/** A text as it was sent, a byte order mark at its beginning included: offsets count that too. */
export async function getText(where) {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await (await reply(where)).arrayBuffer());
}

async function reply(where) {
  const headers = key() ? { Authorization: `Bearer ${key()}` } : {};
  let response;
  try {
    response = await fetch(new URL(where, HOME), { headers });
  } catch {
    throw new Failure("The service could not be reached. Check the connection, and load the page again.");
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => null);
  const words = [problem?.detail, problem?.title].find((value) => typeof value === "string" && value);
  throw new Failure(words ?? `The service failed, with status ${response.status}.`, response.status);
}
