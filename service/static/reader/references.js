/** The list of references at the end, each with links back to the places that cite it. */

import { element } from "../pages/elements.js";
import { workLinks } from "./notes.js";

export function referenceList(references, markers) {
  const places = new Map();
  markers.forEach(({ numbers }, at) => {
    for (const number of numbers) places.set(number, [...(places.get(number) ?? []), at]);
  });
  const taken = new Set();
  return element("ul", { className: "references" }, ...references.map((work) => entry(work, places, taken)));
}

function entry(work, places, taken) {
  const numbers = work.numbers.map(({ number }) => number);
  const labels = numbers.map((number) => {
    // A number that was given to two works leads to the first.
    const id = taken.has(number) ? "" : `reference-${number}`;
    taken.add(number);
    return element("span", id ? { id } : {}, `[${number}]`);
  });
  return element(
    "li",
    {},
    element("span", { className: "numbers" }, ...labels.flatMap((label, at) => (at ? [" ", label] : [label]))),
    element(
      "div",
      {},
      element("bdi", { className: "work" }, work.text),
      ...workLinks(work, numbers),
      backLinks(numbers, numbers.flatMap((number) => places.get(number) ?? [])),
    ),
  );
}

function backLinks(numbers, places) {
  const line = (...children) => element("span", { className: "back" }, ...children);
  if (!places.length) return line("No mark in the text names it.");
  const links = places.map((place, at) => {
    const label = `place ${at + 1} that cites reference ${numbers.join(", ")}`;
    return element("a", { href: `#mark-${place}`, "aria-label": label }, `${at + 1}`);
  });
  return line(places.length === 1 ? "Cited at place" : "Cited at places", ...links.flatMap((link) => [" ", link]));
}
