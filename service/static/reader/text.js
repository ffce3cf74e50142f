/** The text of a document as elements: blocks, and in them passages, marked places and reference marks. */

import { element } from "../pages/elements.js";
import { parts, touching } from "./spans.js";

const CHUNK = 40; // Blocks that a browser may lay out apart from the others.

const NAMES = { paragraph: "p", line: "p", caption: "p", code: "pre", quotation: "blockquote" };
const IN_LIST = ["list_item", "table_row"];

/**
 * Everything that stands under the title, in chunks. `levels` are those of the headings, `noteOf` gives what stands in the
 * margin beside a passage, or null. Each note is kept in `notes`, with the places where it can stand.
 */
export function bodyOf(source, levels, noteOf) {
  const body = { chunks: [], headings: [], notes: [] };
  let [chunk, list, before] = [null, null, null];
  for (const block of source.blocks) {
    const level = levels.get(block);
    if (level === 0) continue;
    const section = level && before?.kind !== "heading" && chunk?.childElementCount > CHUNK / 4;
    before = block;
    if (!chunk || section || chunk.childElementCount >= CHUNK) {
      chunk = element("div", { className: "chunk" });
      list = null;
      body.chunks.push(chunk);
    }
    if (block.apart) chunk.append(element("hr"));
    if (IN_LIST.includes(block.kind)) {
      if (block.apart || list?.kind !== block.kind || list.items.childElementCount >= CHUNK) {
        list = { kind: block.kind, items: element("ul", { className: block.kind }) };
        chunk.append(list.items);
      }
      list.items.append(item(source, block, noteOf, body));
    } else {
      list = null;
      chunk.append(...(level ? [heading(source, block, level, body)] : blockParts(source, block, noteOf, body)));
    }
  }
  return body;
}

function heading(source, block, level, body) {
  const id = `section-${body.headings.length + 1}`;
  body.headings.push({ id, level, words: source.slice(block.start, block.end) });
  return element(`h${Math.min(level + 1, 6)}`, { id, dir: "auto" }, ...inline(source, block.start, block.end));
}

function blockParts(source, block, noteOf, body) {
  const below = element("div", { className: "below" });
  const nodes = passages(source, block, below, noteOf, body);
  return [element(NAMES[block.kind] ?? "p", { className: classes(source, block, block.kind), dir: "auto" }, ...nodes), below];
}

function item(source, block, noteOf, body) {
  const below = element("div", { className: "below" });
  const nodes = passages(source, block, below, noteOf, body);
  return element("li", { className: classes(source, block), dir: "auto" }, ...nodes, below);
}

/** A block that is cited as a whole gets a rule beside it; within a block, a passage has a tint. */
function classes(source, block, ...names) {
  const whole = touching(source.passages, block.start, block.end).every(source.isCited);
  const any = touching(source.passages, block.start, block.end).length;
  return [...names, ...(any && whole ? ["cited"] : [])].join(" ");
}

/** A block's text, in which each passage is a span of its own. */
function passages(source, block, below, noteOf, body) {
  return parts(block.start, block.end, source.passages).flatMap(({ start, end, span: passage }) => {
    const nodes = inline(source, start, end);
    if (!passage) return nodes;
    const cited = source.isCited(passage) ? " cited" : "";
    const beside = element("span", { className: `passage${cited}` }, ...nodes);
    if (start !== passage.start) return [beside];
    beside.prepend(idOf(passage));
    const note = noteOf(passage);
    if (note) body.notes.push({ note, beside, below });
    return [beside];
  });
}

function idOf({ id }) {
  // With a direction of its own it does not decide that of its block.
  return element("a", { className: "id", dir: "ltr", href: `?passage=${encodeURIComponent(id)}` }, id);
}

/** Text with its marked places and reference marks. Only the first part of a marked place has its id. */
export function inline(source, start, end) {
  return parts(start, end, source.marked).flatMap((part) => {
    const nodes = withReferenceMarks(source, part.start, part.end);
    if (!part.span) return nodes;
    const id = part.start === part.span.start ? `cited-${source.marked.indexOf(part.span) + 1}` : "";
    return [element("mark", id ? { id, tabIndex: -1 } : {}, ...nodes)];
  });
}

function withReferenceMarks(source, start, end) {
  return parts(start, end, source.markers).map((part) => {
    const { span: marker } = part;
    const whole = marker && marker.start === part.start && marker.end === part.end;
    return whole ? referenceMark(source, marker) : source.slice(part.start, part.end);
  });
}

/** `[3]` or `[3, 5]`, whatever the source writes: each number leads to its reference, if there is one. */
function referenceMark({ markers, references }, marker) {
  const links = marker.numbers.flatMap((number, at) => [at ? ", " : "[", numberIn(references, number)]);
  return element("span", { className: "number", id: `mark-${markers.indexOf(marker)}`, dir: "ltr" }, ...links, "]");
}

function numberIn(references, number) {
  if (references.has(number)) {
    return element("a", { href: `#reference-${number}`, "aria-label": `reference ${number}` }, `${number}`);
  }
  return element("span", { className: "dead", title: "The list of references has no such entry." }, `${number}`);
}
