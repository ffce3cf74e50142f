/** What stands in the margin: the references of a passage, and on what they rest. */

import { element, outbound, webAddress } from "../pages/elements.js";

const AT_ONCE = 3; // So many works of a note are shown before the reader asks for the rest.

const BASES = {
  marked: { words: "Cited here", reason: "The reference mark stands in this passage." },
  named: { words: "Names the author of", reason: "The passage names the first author of this work." },
  inherited: { words: "Probably from", reason: "The reference mark stands later in the same study." },
};

/**
 * The note beside a passage; null if there is nothing to say. A work that is in `told` was told in full shortly before,
 * and is named by its number alone. Without references there is a note only where `cited` asks for one.
 */
export function noteOf(passage, works, told, cited) {
  if (!passage.citations.length) return cited ? note("The source gives no reference for this passage.") : null;
  const groups = Map.groupBy(passage.citations, ({ basis }) => basis);
  const made = note(...[...groups].flatMap(([basis, citations]) => groupParts(basis, citations, works, told, cited)));
  made.classList.toggle("crowded", made.querySelectorAll(".entry").length >= AT_ONCE);
  return made;
}

function note(...children) {
  return element("span", { className: "note", role: "note", dir: "ltr" }, ...children);
}

function groupParts(basis, citations, works, told, cited) {
  const { words, reason } = BASES[basis] ?? { words: basis, reason: "" };
  const entries = [...Map.groupBy(citations, ({ reference }) => reference)].map(([id, group]) => ({
    work: works.get(id) ?? { id, text: id },
    numbers: [...new Set(group.map(({ number }) => number))],
  }));
  const fresh = entries.filter(({ work }) => cited || !told.has(work.id));
  const known = entries.filter((entry) => !fresh.includes(entry));
  for (const { work } of fresh) told.add(work.id);
  const line = element("span", { className: "basis", title: reason }, words, ...known.flatMap(({ numbers }) => [" ", numberLinks(numbers)]));
  const lines = fresh.map(entryLine);
  return [line, ...lines.slice(0, AT_ONCE).flatMap((each) => [" ", each]), ...rest(lines.slice(AT_ONCE))];
}

function entryLine({ work, numbers }) {
  return element(
    "span",
    { className: "entry" },
    numberLinks(numbers),
    " ",
    element("span", {}, element("bdi", { className: "work" }, work.text), ...workLinks(work, numbers)),
  );
}

function numberLinks(numbers) {
  const links = numbers.map((number) => {
    return element("a", { href: `#reference-${number}`, "aria-label": `reference ${number}` }, `[${number}]`);
  });
  return element("span", { className: "numbers" }, ...links.flatMap((link, at) => (at ? [" ", link] : [link])));
}

function rest(lines) {
  if (!lines.length) return [];
  const hidden = element("span", { className: "rest", hidden: true }, ...lines);
  const button = element("button", { type: "button", "aria-expanded": "false" }, `and ${lines.length} more`);
  button.addEventListener("click", () => {
    hidden.hidden = !hidden.hidden;
    button.setAttribute("aria-expanded", `${!hidden.hidden}`);
    button.textContent = hidden.hidden ? `and ${lines.length} more` : "fewer";
  });
  return [" ", hidden, button];
}

/** Links to where a work can be read. */
export function workLinks(work, numbers) {
  return addresses(work).flatMap(([name, address]) => {
    const label = `${name}, reference ${numbers.join(", ")}`;
    return [" ", outbound(address, { className: "target", "aria-label": label }, name)];
  });
}

/** Where a work can be read. A DOI may hold any character, and its slashes stay. */
function addresses({ doi, pmid, pmcid, url }) {
  const part = (value) => encodeURIComponent(value).replaceAll("%2F", "/");
  const found = [];
  if (doi) found.push(["DOI", `https://doi.org/${part(doi)}`]);
  if (pmid) found.push(["PubMed", `https://pubmed.ncbi.nlm.nih.gov/${part(pmid)}/`]);
  if (pmcid) found.push(["PMC", `https://pmc.ncbi.nlm.nih.gov/articles/${part(pmcid)}/`]);
  const own = webAddress(url);
  const known = /^https?:\/\/(dx\.)?(doi\.org|pubmed\.ncbi|pmc\.ncbi|www\.ncbi)/;
  if (own && !(found.length && known.test(own))) found.push(["Link", own]);
  return found;
}
