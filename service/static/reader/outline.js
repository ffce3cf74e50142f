/** The levels of a document's headings, which the blocks below them tell, and its table of contents. */

import { element, isolated } from "../pages/elements.js";

/**
 * The level of each heading by its block: 0 the title, 1 a heading under the title, and so on.
 *
 * A block names the headings above it. A heading under which nothing stands has the level of the one after it.
 */
export function headingLevels(blocks, wordsOf, title) {
  const levels = new Map();
  let waiting = [];
  for (const block of blocks) {
    if (block.kind === "heading") {
      const first = block === blocks[0] && same(wordsOf(block), title);
      if (first) levels.set(block, 0);
      else waiting.push(block);
    } else if (waiting.length) {
      settle(waiting, block.headings);
      waiting = [];
    }
  }
  settle(waiting, []);
  return levels;

  function settle(headings, trail) {
    let depth = trail.length;
    let level = Math.max(1, depth);
    for (const heading of headings.reverse()) {
      const found = trail.slice(0, depth).findLastIndex((words) => same(words, wordsOf(heading)));
      if (found >= 0) [depth, level] = [found, found + 1];
      levels.set(heading, level);
    }
  }
}

function same(words, others) {
  return words.replace(/\s+/g, " ").trim() === others.replace(/\s+/g, " ").trim();
}

/** Links to the headings, each `{ id, level, words }`. */
export function contents(headings) {
  const links = headings.map(({ id, level, words }) =>
    element(
      "li",
      { className: `level-${Math.min(level, 4)}` },
      element("a", { href: `#${id}` }, isolated(words)),
    ),
  );
  return element("ol", {}, ...links);
}
