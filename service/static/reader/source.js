/** A document as the API tells it, and the place in it that is asked for. */

import { getJson, getText, NOT_THERE, path } from "../pages/api.js";
import { element } from "../pages/elements.js";
import { fault } from "./place.js";
import { unitsOf } from "./points.js";
import { merged, touching } from "./spans.js";

/** All that the API tells of a document, and the place in it that is asked for. */
export async function sourceOf(identity, asked) {
  const of = (...parts) => path("documents", identity, ...parts);
  const [details, text, blocks, markers, passages, references] = await Promise.all([
    getJson(of()),
    getText(of("text")),
    getJson(of("blocks")),
    getJson(of("markers")),
    getJson(of("passages")),
    getJson(of("references")),
  ]);
  // A new snapshot may have come into force in between, in which all offsets are others.
  if ((await getJson(of())).sha256 !== details.sha256) return sourceOf(identity, asked);
  const unit = unitsOf(text);
  return {
    details,
    blocks,
    markers,
    passages,
    works: new Map(references.map((work) => [work.id, work])),
    references: new Set(references.flatMap(({ numbers }) => numbers.map(({ number }) => number))),
    slice: (start, end) => text.slice(unit(start), unit(end)),
    ...(await placeIn(details, passages, asked)),
  };
}

/** The places to mark, the passages that are cited, and what is to be said if there is no such place. */
async function placeIn({ characters, sha256 }, passages, asked) {
  const passage = asked.passage && passages.find((each) => each.id === asked.passage);
  const changed = asked.sha256 && asked.sha256 !== sha256;
  const problem =
    (asked.passage && !passage && (await lost(asked.passage))) ||
    (changed && !passage && asked.spans.length
      ? "The document has changed since this place was cited, so that the place cannot be shown."
      : !changed && fault(asked, characters));
  const spans = problem || changed ? [] : asked.spans;
  const marked = merged(spans.length || !passage ? spans : [passage]);
  const cited = new Set(marked.flatMap(({ start, end }) => touching(passages, start, end)));
  if (passage) cited.add(passage);
  return { marked, problem, isCited: (each) => cited.has(each) };
}

/** What became of a passage that is not in this document. */
async function lost(identity) {
  try {
    const { document_id } = await getJson(path("passages", identity));
    const there = `${encodeURIComponent(document_id)}?passage=${encodeURIComponent(identity)}`;
    return ["The passage that was cited stands in another document. ", element("a", { href: there }, "Read it there"), "."];
  } catch (error) {
    if (!NOT_THERE.includes(error.status)) throw error;
    return "There is no passage of this id any more: its words have changed since it was cited, or were taken out.";
  }
}
