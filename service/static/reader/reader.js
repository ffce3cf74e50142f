/**
 * The source reader: a document with its passages, the place that was cited scrolled to and marked, and the references
 * in the margin. Its address is `/read/{document}?passage=…`, or `?start=…&end=…&sha256=…`.
 */

import { Failure, NOT_THERE } from "../pages/api.js";
import { element, outbound, plural } from "../pages/elements.js";
import { withKey } from "../pages/key.js";
import { noteOf } from "./notes.js";
import { contents, headingLevels } from "./outline.js";
import { askedPlace, documentId } from "./place.js";
import { referenceList } from "./references.js";
import { sourceOf } from "./source.js";
import { bodyOf, inline } from "./text.js";

const LONG = 400; // Blocks from which on only what is near the window is laid out.

const main = document.querySelector("main");
const part = (name) => document.querySelector(name);

try {
  await withKey(main, async () => show(await sourceOf(documentId(location), askedPlace(location))));
} catch (error) {
  tell(error instanceof Failure ? error.message : "This document cannot be shown: the service sent something unreadable.");
  if (NOT_THERE.includes(error.status)) {
    part("#notice").append(element("p", {}, element("a", { href: "../" }, "All documents")));
  }
  if (!(error instanceof Failure)) throw error;
}

function show(source) {
  const { details, blocks, works, markers, isCited } = source;
  const levels = headingLevels(blocks, ({ start, end }) => source.slice(start, end), details.title);
  const told = new Set();
  let under = "";
  const body = bodyOf(source, levels, (passage) => {
    // Under a new heading every work is told in full again.
    if (under !== (under = passage.headings.join("\n"))) told.clear();
    return noteOf(passage, works, told, isCited(passage));
  });
  const look = blocks.length > LONG ? "long" : "";
  const article = element("article", { id: "text", className: look, tabIndex: -1 }, head(source, levels), ...body.chunks);
  if (works.size) article.append(element("h2", { id: "references" }, "References"), referenceList([...works.values()], markers));
  main.append(article);
  document.title = `${details.title} \u00B7 loccit`;
  placeNotes(body.notes);
  showContents(body.headings, works.size);
  showTools(source, article);
  if (source.problem) tell(...[source.problem].flat());
  reveal();
}

function head({ details, blocks, ...source }, levels) {
  const title = levels.get(blocks[0]) === 0 ? inline(source, blocks[0].start, blocks[0].end) : [details.title];
  const facts = [
    details.modified && `version of ${details.modified}`,
    plural(source.passages.length, "passage"),
    source.works.size ? plural(source.works.size, "reference") : null,
    details.url ? outbound(details.url, {}, "the original") : null,
  ].filter(Boolean);
  const line = facts.flatMap((fact, at) => (at ? [" \u00B7 ", fact] : [fact]));
  return element("header", {}, element("h1", { dir: "auto" }, ...title), element("p", { className: "facts" }, ...line));
}

/** Notes stand beside their passages where there is a margin, and below the block where there is none. */
function placeNotes(notes) {
  const margin = matchMedia("(min-width: 60rem)");
  const place = () => {
    for (const { note, beside, below } of notes) {
      if (margin.matches) beside.before(note);
      else below.append(note);
    }
  };
  margin.addEventListener("change", place);
  place();
}

function showContents(headings, hasReferences) {
  const entries = hasReferences ? [...headings, { id: "references", level: 1, words: "References" }] : headings;
  if (entries.length < 2) return;
  const details = part("#contents details");
  details.append(contents(entries));
  details.open = matchMedia("(min-width: 80rem)").matches;
  part("#contents").hidden = false;
}

function showTools({ marked }, article) {
  const button = part("#show-passages");
  button.addEventListener("click", () => {
    const read = inView(article);
    const top = read?.getBoundingClientRect().top;
    const shown = article.classList.toggle("with-passages");
    // What is being read stays where it is, as far as the browser itself does not see to that.
    settled(() => read && scrollBy({ top: read.getBoundingClientRect().top - top, behavior: "instant" }));
    button.setAttribute("aria-pressed", `${shown}`);
  });
  part("#to-place").hidden = !marked.length;
  part("#tools").hidden = false;
}

/** The first mark, passage or heading that a reader sees. */
function inView(article) {
  const { left } = article.getBoundingClientRect();
  for (let y = part(".bar").offsetHeight; y < innerHeight; y += 20) {
    const found = document.elementFromPoint(left + 20, y)?.closest("mark, .passage, h2, h3, h4, h5, h6");
    if (article.contains(found)) return found;
  }
  return null;
}

/** Scrolls to what the address asks for: a place within the page, or what was cited. */
function reveal() {
  const target = document.getElementById(location.hash.slice(1)) ?? part("#cited-1");
  if (!target) return;
  target.focus({ preventScroll: true });
  const scroll = () => target.scrollIntoView({ block: "center", behavior: "instant" });
  scroll();
  // Heights above are estimated in a long document until they have been laid out once.
  settled(scroll);
}

/** Does something once the page has been laid out anew. */
function settled(action) {
  requestAnimationFrame(() => requestAnimationFrame(action));
}

function tell(...words) {
  part("#notice").replaceChildren(element("p", {}, ...words));
}
