/** The documents of the service as a list to page through and to filter, each with a link to the source reader. */

import { Failure, getJson, HOME } from "./api.js";
import { element, isolated, plural } from "./elements.js";

const SHOWN = 20; // Documents on a page of the list.
const PAUSE = 200; // Milliseconds without a key pressed, after which a filter is applied.

export class DocumentList {
  #parts;
  #offset = 0;
  #total = 0; // Of all documents, whatever the filter.
  #latest = 0;
  #timer;

  constructor(section) {
    const part = (name) => section.querySelector(name);
    this.#parts = {
      finder: part(".finder"),
      find: part("#find"),
      count: part("#count"),
      list: part("#list"),
      pager: part("#pager"),
      earlier: part("#earlier"),
      later: part("#later"),
    };
    const { find, earlier, later } = this.#parts;
    find.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#turn(0), PAUSE);
    });
    earlier.addEventListener("click", () => this.#turn(this.#offset - SHOWN));
    later.addEventListener("click", () => this.#turn(this.#offset + SHOWN));
  }

  /** Shows the page of the list that is turned to; gives what the API said. */
  async show() {
    const turn = ++this.#latest;
    const asked = new URLSearchParams({ limit: SHOWN, offset: this.#offset, find: this.#parts.find.value });
    const page = await getJson(`v1/documents?${asked}`);
    // A slower answer to an earlier letter does not come over a later one.
    if (turn === this.#latest) this.#fill(page);
    return page;
  }

  async #turn(offset) {
    this.#offset = Math.max(0, offset);
    try {
      await this.show();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#parts.count.textContent = error.message;
    }
  }

  #fill({ total, offset, documents }) {
    const { finder, find, count, list, pager, earlier, later } = this.#parts;
    const filtered = find.value.trim() !== "";
    if (!filtered) this.#total = total;
    list.replaceChildren(...documents.map(entry));
    list.start = offset + 1;
    count.textContent = counted(total, filtered ? this.#total : total, offset, documents.length);
    finder.hidden = this.#total <= SHOWN;
    pager.hidden = total <= SHOWN;
    earlier.disabled = offset === 0;
    later.disabled = offset + documents.length >= total;
  }
}

function counted(found, all, offset, shown) {
  const number = (value) => value.toLocaleString("en");
  const of = found === all ? plural(all, "document") : `${number(found)} of ${plural(all, "document")}`;
  return shown < found ? `${of}: ${number(offset + 1)} to ${number(offset + shown)}` : of;
}

function entry({ id, title, modified, passages }) {
  const facts = [modified && `version of ${modified}`, plural(passages, "passage")].filter(Boolean).join(" \u00B7 ");
  return element(
    "li",
    {},
    element("a", { href: new URL(`read/${encodeURIComponent(id)}`, HOME).href }, isolated(title || id)),
    " ",
    element("span", { className: "facts" }, facts),
  );
}
