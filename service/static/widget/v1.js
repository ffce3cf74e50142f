/**
 * <loccit-chat>: ask a loccit service and read the passages that answer, word for word, with their references.
 *
 *     <script type="module" src="https://host/widget/v1.js"></script>
 *     <loccit-chat endpoint="https://host"></loccit-chat>
 *
 * Attributes
 *     endpoint      address of the service; by default the one that this script came from
 *     key           a publishable key, sent with every request
 *     k             how many passages to ask for; by default 5
 *     label         words above the input, and on the button of a floating widget
 *     placeholder   words inside the empty input
 *     notice        what to know before asking, such as a notice on privacy; above the input
 *     floating      a button in the corner of the page opens the widget as a dialog; set before it is connected
 *     texts         words of the interface in place of those of `TEXTS`, as a JSON object
 *
 * Method
 *     ask(question) fills the input and submits it; the promise is fulfilled when the turn is complete
 *
 * `service/docs/embed.md` tells of custom properties, of parts, and of the Content-Security-Policy that suffices.
 *
 * Questions are posted, never put in an address. Turns are kept in the session storage of the tab and nowhere else.
 * What comes from sources, questions and the service is only ever set as text.
 */

/** Every word of the interface. What stands in braces is filled in. */
export const TEXTS = {
  label: "Ask the source",
  placeholder: "In plain words",
  ask: "Ask",
  clear: "Clear",
  close: "Close",
  log: "Questions and answers",
  waiting: "Looking in the source…",
  found: "Passages from the source: {count}",

  from: "From the source: {title}",
  fromVersion: "From the source: {title}, version of {date}",
  citing: "Citing {who}.",
  probablyCiting: "Probably citing {who}.",
  begins: "The study begins: {words}",

  marked: "Cited here: {references}",
  named: "Names the author of {references}",
  inherited: "Probably from {references}",
  markedWhy: "The reference mark stands in this passage.",
  namedWhy: "This passage names the first author of the work.",
  inheritedWhy: "The reference mark stands later in the same study.",
  reference: "Reference {numbers} in {page}",
  work: "{name}, reference {numbers}",
  link: "Link",
  unreferenced: "No reference in the source",
  dangling: "No entry in the source’s list of references for {marks}",

  veryLikely: "Very likely an answer",
  likely: "Likely an answer",
  perhaps: "Perhaps an answer",
  unlikely: "Unlikely to be an answer",

  place: "Show in the source",
  copy: "Copy with citation",
  copied: "Copied, with the citation.",
  copyByHand: "This page may not copy. The text is selected here: copy it by hand.",
  uncopied: "This was not copied.",
  ris: "Save as RIS",
  unsaved: "This was not saved.",
  helpful: "Helpful",
  unhelpful: "Not helpful",
  comment: "A comment, without anybody’s personal data",
  send: "Send",
  sent: "Sent. Thank you.",
  unsent: "This was not sent.",

  noMatch: "The source does not answer this.",
  nearest: "Nearest passage, which may not answer",

  kept: "Your question is still in the box, to change or to ask again.",
  soon: "Try again in a moment.",
  later: "Try again in {seconds} s.",
  slow: "The service did not answer within {seconds} seconds.",
  unreachable: "The service could not be reached, or does not answer pages of this site. Try again in a moment.",
  unreadable: "The service sent something that this page cannot read as an answer.",
  unauthorised: "The service does not accept the key of this page.",
  forbidden: "The service does not answer questions from this page.",
  limited: "Too many questions were asked in a short time.",
  busy: "The service is busy.",
  failed: "The service failed, with status {status}.",
  endpoint: "The endpoint of this widget is not a web address: {endpoint}",
};

/** Seconds for an answer, and for what is asked beside it. */
const PATIENCE = 20;
const FINDINGS_PATIENCE = 3;

/** How many turns are kept for when the page is loaded again. */
const REMEMBERED = 20;

/** The lowest probability for each of the words on confidence. */
const CONFIDENCE = [
  [0.75, "veryLikely"],
  [0.5, "likely"],
  [0.2, "perhaps"],
  [0, "unlikely"],
];

/** Kinds of findings of a document that are about a mark behind which there is nothing. */
const DEAD_MARKS = ["marker-without-reference", "malformed"];

/** The texts for statuses that are told in words of our own. */
const REFUSALS = { 401: "unauthorised", 403: "forbidden", 429: "limited", 503: "busy" };

/** Characters that order the text around them: embeddings, overrides, isolates, and their ends. */
const DIRECTIONS = /([\u202A-\u202E\u2066-\u2069])/;

/** Where this script lies below the service, which may itself lie below a path. */
const HOME = new URL("..", import.meta.url).href;

/** A failure that is told to the reader: by the name of a text, or in the service's own words. */
class Failure extends Error {
  constructor(name, values = {}) {
    super(name);
    this.values = values;
  }
}

// Building: strings always become text nodes, whatever they hold.

/** An element. Its classes are parts as well, so that a page can style what the widget styles. */
function element(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  if (properties.className) node.part = properties.className;
  node.append(...children.filter((child) => child !== null));
  return node;
}

/** Words of a source or a question. A character that would order what follows is shut in, so that it orders nothing. */
function words(text) {
  return `${text}`.split(DIRECTIONS).map((part, i) => (i % 2 ? element("bdi", {}, part) : part));
}

/** Words inside a sentence of the interface, whose order they leave alone. */
function isolated(text, properties = {}) {
  return element("bdi", properties, ...words(text));
}

/** The parts of a text, with nodes or strings in place of what stands in braces. */
function filled(text, values) {
  return text.split(/\{(\w+)\}/).flatMap((part, i) => (i % 2 ? (values[part] ?? "") : part));
}

/** The same for where only a string can stand. */
function spelled(text, values) {
  return filled(text, values).join("");
}

function thumb(down) {
  const namespace = "http://www.w3.org/2000/svg";
  const icon = document.createElementNS(namespace, "svg");
  const path = document.createElementNS(namespace, "path");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  icon.setAttribute("class", down ? "icon down" : "icon");
  path.setAttribute("d", "M3.5 11h4v9h-4zM7.5 11l4-7.5c1.7 0 2.6 1.3 2.3 2.9L13.1 10h5.6c1.3 0 2.2 1.2 1.9 2.4l-1.5 6a2.1 2.1 0 0 1-2 1.6H7.5");
  icon.append(path);
  return icon;
}

function webAddress(address) {
  try {
    const url = new URL(address);
    return ["http:", "https:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** A part of a path. A DOI may hold any character, and its slashes stay. */
function inPath(part) {
  return encodeURIComponent(part).replaceAll("%2F", "/");
}

function outbound(href, properties, ...children) {
  return element("a", { ...properties, href, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

/** A button that does one thing at a time. */
function button(properties, content, act) {
  const node = element("button", { type: "button", ...properties }, content);
  let acting = false;
  node.addEventListener("click", async () => {
    if (acting) return;
    acting = true;
    try {
      await act(node);
    } finally {
      acting = false;
    }
  });
  return node;
}

// Views: one function for each part of a turn. `ui` holds the texts, the language and the service of a widget.

/** The passage's text with its highlights marked. Offsets count code points of the document, strings UTF-16 units. */
function sourceText({ text, anchor, highlights }) {
  const points = Array.from(text);
  const between = (from, to) => words(points.slice(from, to).join(""));
  const nodes = [];
  let position = 0;
  for (const { start, end } of [...highlights].sort((a, b) => a.start - b.start)) {
    const from = Math.max(position, start - anchor.start);
    const to = Math.min(points.length, end - anchor.start);
    if (from >= to) continue;
    nodes.push(...between(position, from), element("mark", { className: "mark" }, ...between(from, to)));
    position = to;
  }
  return [...nodes, ...between(position)];
}

/** Whose words these are. A passage that says "our hospital" must not seem to speak for the page around it. */
function caption({ texts, language }, { document: source, headings }) {
  const title = isolated(source.title, { className: "title" });
  const dateTime = source.modified;
  const date = dateTime && element("time", { className: "version", dateTime }, dated(dateTime, language));
  const trail = headings.flatMap((heading, i) => [i ? " \u203A\u00A0" : "", isolated(heading, { className: "heading" })]);
  return element(
    "figcaption",
    { className: "caption" },
    element("p", { className: "source" }, ...filled(date ? texts.fromVersion : texts.from, { title, date })),
    headings.length ? element("p", { className: "headings" }, ...trail) : null,
  );
}

/** A day in words, in the language of the page; what is no day stays as it is. */
function dated(modified, language) {
  const day = /^\d{4}-\d\d-\d\d/.exec(modified)?.[0];
  try {
    return new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" }).format(new Date(day));
  } catch {
    return modified;
  }
}

function passageFigure(ui, passage, answer) {
  const works = new Map(answer.references.map((work) => [work.id, work]));
  return element(
    "figure",
    { className: "passage" },
    caption(ui, passage),
    leadLine(ui, passage, works),
    element("blockquote", { className: "quotation", dir: "auto" }, ...sourceText(passage)),
    ...citationParts(ui, passage, works),
    ...actionParts(ui, passage, answer),
  );
}

/** Whose result this is, where the passage itself does not say: who and when by the work, how by the study. */
function leadLine({ texts }, { lead, citations }, works) {
  const cited = new Set(citations.map(({ reference }) => reference));
  const { byline, year } = (cited.size === 1 && works.get(citations[0].reference)) || {};
  const said = citations.some(({ basis }) => basis === "named");
  const who = !said && [byline, year].filter(Boolean).join(", ");
  const citing = citations[0]?.basis === "inherited" ? texts.probablyCiting : texts.citing;
  const parts = [
    ...(who ? filled(citing, { who: isolated(who) }) : []),
    ...(who && lead ? [" "] : []),
    ...(lead ? filled(texts.begins, { words: element("q", { dir: "auto" }, ...words(lead.text)) }) : []),
  ];
  return parts.length ? element("p", { className: "lead" }, ...parts) : null;
}

/** What supports a passage, how surely it answers, and the references themselves, which buttons open. */
function citationParts(ui, passage, works) {
  const rows = [];
  const panels = [];
  for (const [basis, citations] of byBasis(passage.citations)) {
    const entries = entriesOf(citations).map(([id, numbers]) => {
      const panel = referencePanel(ui, works.get(id) ?? { text: id }, numbers, basis);
      panels.push(panel);
      return referenceButton(ui, numbers, passage.document.title, panel);
    });
    const references = entries.flatMap((entry, i) => (i ? [" ", entry] : [entry]));
    rows.push(element("p", { className: `basis ${basis}` }, ...filled(ui.texts[basis] ?? "{references}", { references })));
  }
  if (!rows.length) rows.push(element("p", { className: "basis none" }, withoutReference(ui, passage.dangling ?? [])));
  return [element("div", { className: "support" }, ...rows, confidenceLine(ui, passage)), ...panels];
}

function byBasis(citations) {
  const groups = new Map();
  for (const citation of citations) groups.set(citation.basis, [...(groups.get(citation.basis) ?? []), citation]);
  return groups;
}

/** Works with their numbers. Numbers that point to the same work share one entry, as they do in the source. */
function entriesOf(citations) {
  const entries = new Map();
  for (const { reference, number } of citations) {
    entries.set(reference, new Set([...(entries.get(reference) ?? []), number]));
  }
  return [...entries].map(([id, numbers]) => [id, [...numbers].join(", ")]);
}

function referenceButton({ texts }, numbers, page, panel) {
  const ariaLabel = spelled(texts.reference, { numbers, page });
  const node = button({ className: "citation", ariaLabel, ariaExpanded: "false" }, `[${numbers}]`, () => {
    panel.hidden = !panel.hidden;
    node.ariaExpanded = `${!panel.hidden}`;
  });
  node.setAttribute("aria-controls", panel.id);
  return node;
}

let referenceCount = 0;

function referencePanel({ texts }, work, numbers, basis) {
  const links = workLinks(work, texts).map(([name, address]) =>
    outbound(address, { className: "target", ariaLabel: spelled(texts.work, { name, numbers }) }, name),
  );
  return element(
    "div",
    { className: "reference", id: `reference-${(referenceCount += 1)}`, hidden: true },
    element("span", { className: "number" }, `[${numbers}]`),
    element(
      "div",
      {},
      element("p", { className: "work", dir: "auto" }, ...words(work.text)),
      element("p", { className: "targets" }, ...links.flatMap((link) => [link, " "])),
      element("p", { className: "why" }, texts[`${basis}Why`] ?? ""),
    ),
  );
}

/** Where a work can be read. */
function workLinks({ doi, pmid, pmcid, url }, texts) {
  const links = [];
  if (doi) links.push(["DOI", `https://doi.org/${inPath(doi)}`]);
  if (pmid) links.push(["PubMed", `https://pubmed.ncbi.nlm.nih.gov/${inPath(pmid)}/`]);
  if (pmcid) links.push(["PMC", `https://pmc.ncbi.nlm.nih.gov/articles/${inPath(pmcid)}/`]);
  const own = webAddress(url);
  const known = /^https?:\/\/(dx\.)?(doi\.org|pubmed\.ncbi|pmc\.ncbi|www\.ncbi)/;
  if (own && !(links.length && known.test(own))) links.push([texts.link, own]);
  return links;
}

/** Why a passage has no citation; `dangling` are the numbers of its marks that lead nowhere. */
function withoutReference({ texts }, dangling) {
  const marks = dangling.map((number) => `[${number}]`).join(", ");
  return dangling.length ? spelled(texts.dangling, { marks }) : texts.unreferenced;
}

/** How surely the passage answers; nothing where that was not calibrated. */
function confidenceLine({ texts }, { confidence }) {
  if (typeof confidence !== "number") return null;
  const [, name] = CONFIDENCE.find(([least]) => confidence >= least) ?? CONFIDENCE.at(-1);
  return element("p", { className: "confidence" }, texts[name]);
}

/** What can be done with a passage, and a line that tells how it went, which is read out as part of the log. */
function actionParts(ui, passage, answer) {
  const { texts } = ui;
  const outcome = element("div", { className: "outcome" });
  const act = (name, work, failed) =>
    button({ className: "action" }, texts[name], async () => {
      try {
        outcome.replaceChildren(...((await work()) ?? []));
        outcome.querySelector("textarea")?.select();
      } catch (error) {
        outcome.replaceChildren(failureLine(ui, failed, error));
      }
    });
  const actions = element(
    "div",
    { className: "actions" },
    outbound(withKey(ui, placeOf(ui, passage)), { className: "action" }, texts.place),
    act("copy", () => copyQuotation(ui, passage), "uncopied"),
    passage.citations.length ? act("ris", () => saveReferences(ui, passage), "unsaved") : null,
    thumbs(ui, { answer: answer.id, passage: passage.id }, outcome),
  );
  return [actions, outcome];
}

function failureLine(ui, name, error) {
  return element("p", { className: "failed" }, ...words(`${ui.texts[name]} ${explained(ui, error)}`));
}

/** The address of the passage's place: on the page itself, else on the page that the service shows of its text. */
function placeOf({ service }, { id, anchor, document: source }) {
  return webAddress(anchor.link) ?? readerAddress(service, source.id, id);
}

/** For the service's own page the address with the key of this page, behind the # that no server sees. */
function withKey({ service }, place) {
  const own = place.startsWith(address(service, "read/").href);
  return own && service.key?.startsWith("loccit_pk_") ? `${place}#key=${service.key}` : place;
}

/** The id of a passage stays the same while its words do, which no offset does. */
function readerAddress(service, source, passage) {
  return address(service, `read/${encodeURIComponent(source)}?passage=${encodeURIComponent(passage)}`).href;
}

// What is done with a passage

/** Copies the passage as the service words it as a quotation: the page is quoted, and cites the paper. */
async function copyQuotation(ui, passage) {
  const quotation = await request(ui.service, `v1/passages/${encodeURIComponent(passage.id)}/quotation`);
  const link = passage.document.url ? "" : `\n${placeOf(ui, passage)}`;
  const text = quotation.trimEnd() + link;
  try {
    await navigator.clipboard.writeText(text);
    return [element("p", {}, ui.texts.copied)];
  } catch {
    // Without a secure context, or in a frame that may not write to the clipboard.
    const box = element("textarea", { className: "by-hand", readOnly: true, rows: 6, value: text, dir: "auto" });
    box.ariaLabel = ui.texts.copyByHand;
    return [element("p", {}, ui.texts.copyByHand), box];
  }
}

/** Saves the records of the works that this passage cites, and of no others. */
async function saveReferences({ service }, { citations, document: source }) {
  const ids = [...new Set(citations.map(({ reference }) => reference))];
  const records = await Promise.all(ids.map((id) => request(service, `v1/works/${inPath(id)}?format=ris`)));
  const href = URL.createObjectURL(new Blob(records, { type: "application/x-research-info-systems" }));
  const numbers = [...new Set(citations.map(({ number }) => number))].join("-");
  element("a", { href, download: `${source.id}-${numbers}.ris` }).click();
  // The browser reads the file after the click.
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

function thumbs(ui, subject, outcome) {
  const votes = [true, false].map((helpful) => {
    const ariaLabel = helpful ? ui.texts.helpful : ui.texts.unhelpful;
    return button({ className: "thumb", ariaLabel, title: ariaLabel, ariaPressed: "false" }, thumb(!helpful), async (vote) => {
      if (await sendFeedback(ui, { ...subject, helpful, comment: "" }, outcome)) {
        for (const each of votes) each.ariaPressed = `${each === vote}`;
        outcome.append(commentForm(ui, { ...subject, helpful }, outcome));
      }
    });
  });
  return element("div", { className: "thumbs" }, ...votes);
}

function commentForm(ui, vote, outcome) {
  const { texts } = ui;
  const input = element("input", { type: "text", ariaLabel: texts.comment, placeholder: texts.comment, maxLength: 1000, autocomplete: "off" });
  const form = element("form", { className: "comment field" }, input, element("button", { type: "submit" }, texts.send));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const comment = input.value.trim();
    if (!comment) return input.focus();
    // What was written stays where it was not sent.
    if (!(await sendFeedback(ui, { ...vote, comment }, outcome))) outcome.append(form);
  });
  return form;
}

/** Whether the feedback was sent, which is told either way. */
async function sendFeedback(ui, feedback, outcome) {
  try {
    await request(ui.service, "v1/feedback", { body: feedback });
    outcome.replaceChildren(element("p", {}, ui.texts.sent));
    return true;
  } catch (error) {
    outcome.replaceChildren(failureLine(ui, "unsent", error));
    return false;
  }
}

// Turns

function answerParts(ui, answer) {
  const { status, passages, nearest } = answer;
  if (status === "no_match") return noMatchParts(ui, nearest, answer);
  const list = passages.map((passage) => element("li", {}, passageFigure(ui, passage, answer)));
  return [
    element("p", { className: "summary" }, spelled(ui.texts.found, { count: passages.length })),
    element("ol", { className: "passages" }, ...list),
  ];
}

function noMatchParts(ui, nearest, answer) {
  const verdict = element("p", { className: "verdict" }, ui.texts.noMatch);
  if (!nearest) return [verdict];
  const summary = element("summary", {}, ui.texts.nearest);
  // The words on confidence are for passages that were given as answers.
  const figure = passageFigure(ui, { ...nearest, confidence: null }, answer);
  return [verdict, element("details", { className: "nearest" }, summary, figure)];
}

function failureParts(ui, error) {
  return [
    element("p", { className: "verdict failed" }, ...words(explained(ui, error))),
    element("p", { className: "summary" }, ui.texts.kept),
  ];
}

/** A failure in words. Anything else is an answer whose parts are not where they should be. */
function explained({ texts }, error) {
  if (!(error instanceof Failure)) return texts.unreadable;
  const { detail, retry, ...values } = error.values;
  if (detail) return detail;
  const again = retry ? spelled(texts.later, { seconds: retry }) : texts.soon;
  const sentence = spelled(texts[error.message], values);
  return ["limited", "busy"].includes(error.message) ? `${sentence} ${again}` : sentence;
}

// Asking

function address({ endpoint }, path) {
  try {
    return new URL(path, new URL(`${endpoint.replace(/\/+$/, "")}/`, document.baseURI));
  } catch {
    throw new Failure("endpoint", { endpoint });
  }
}

/** The text that the service sends; with a body it is posted. Raises a `Failure`. */
async function request(service, path, { body, seconds = PATIENCE } = {}) {
  const url = address(service, path);
  const aborter = new AbortController();
  const timer = setTimeout(() => aborter.abort(), seconds * 1000);
  try {
    const response = await fetch(url, {
      method: body ? "POST" : "GET",
      headers: {
        ...(body && { "Content-Type": "application/json" }),
        ...(service.key && { Authorization: `Bearer ${service.key}` }),
      },
      body: body && JSON.stringify(body),
      signal: aborter.signal,
    });
    const text = await response.text();
    if (!response.ok) throw refusal(response, text);
    return text;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(aborter.signal.aborted ? "slow" : "unreachable", { seconds });
  } finally {
    clearTimeout(timer);
  }
}

function refusal({ status, headers }, text) {
  const retry = secondsUntil(headers.get("Retry-After"));
  if (REFUSALS[status]) return new Failure(REFUSALS[status], { retry });
  const body = parsed(text);
  const detail = [body?.detail, body?.title].find((value) => typeof value === "string" && value);
  return new Failure("failed", { status, detail });
}

/** The header Retry-After has seconds or a date. */
function secondsUntil(retryAfter) {
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000;
  return seconds > 0 ? Math.ceil(seconds) : null;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function answerTo(service, query) {
  const answer = parsed(await request(service, "v1/ask", { body: query }));
  if (!["answered", "no_match"].includes(answer?.status)) throw new Failure("unreadable");
  return withDangling(service, answer);
}

/** The answer, in which passages without citation have the numbers of their marks that lead nowhere. */
async function withDangling(service, answer) {
  const uncited = [...answer.passages, answer.nearest].filter((each) => each && !each.citations.length);
  // A passage without a figure has no mark.
  const marked = uncited.filter(({ text }) => /\d/.test(text));
  await Promise.all(
    marked.map(async (passage) => {
      passage.dangling = danglingIn(await findingsOf(service, passage.document.id), passage.anchor);
    }),
  );
  return answer;
}

function danglingIn(findings, { start, end }) {
  const within = ({ span }) => span && start <= span.start && span.end <= end;
  const dead = findings.filter((each) => DEAD_MARKS.includes(each.kind) && within(each));
  return [...new Set(dead.flatMap(({ numbers }) => numbers ?? []))];
}

/** What is known to be wrong in a document; nothing if the service does not tell. */
async function findingsOf(service, id) {
  try {
    const path = `v1/documents/${encodeURIComponent(id)}`;
    const { findings } = parsed(await request(service, path, { seconds: FINDINGS_PATIENCE }));
    return Array.isArray(findings) ? findings : [];
  } catch {
    return [];
  }
}

// The turns of this tab. A browser may refuse to store anything, which is no failure.

function recall(place) {
  try {
    const turns = JSON.parse(sessionStorage.getItem(place));
    return Array.isArray(turns) ? turns : [];
  } catch {
    return [];
  }
}

function remember(place, turns) {
  try {
    if (turns.length) sessionStorage.setItem(place, JSON.stringify(turns.slice(-REMEMBERED)));
    else sessionStorage.removeItem(place);
  } catch {
    // Nothing is kept.
  }
}

/** The texts in force: those of the attribute, and our own for the rest. */
function textsOf(attribute) {
  const own = parsed(attribute ?? "{}");
  const known = Object.entries(own ?? {}).filter(([name, text]) => Object.hasOwn(TEXTS, name) && typeof text === "string");
  if (!own || known.length < Object.keys(own).length) {
    console.warn(`loccit-chat: the attribute texts is a JSON object of ${Object.keys(TEXTS).join(", ")}.`);
  }
  return { ...TEXTS, ...Object.fromEntries(known) };
}

// A constructed sheet needs no permission for inline styles from the page's content security policy. Lengths are in em
// from the reader's own font size, so a page that changes the meaning of rem does not change the widget. The colour
// scheme is that of the page around it.
const sheet = new CSSStyleSheet();
sheet.replaceSync(`
  :host {
    all: initial;
    --_accent: var(--loccit-accent, light-dark(#1b5a49, #93d2ba));
    --_on-accent: var(--loccit-on-accent, light-dark(#fff, #0d2119));
    --_background: var(--loccit-background, light-dark(#fff, #191a18));
    --_text: var(--loccit-text, light-dark(#1f1d1a, #ebe7de));
    --_muted: var(--loccit-muted, light-dark(#615c53, #aaa598));
    --_line: var(--loccit-line, light-dark(#e3ded4, #373832));
    --_mark: var(--loccit-mark, light-dark(#fcedb4, #544816));
    --_error: var(--loccit-error, light-dark(#9a2b1f, #f3a397));
    --_font: var(--loccit-font, system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif);
    --_source: var(--loccit-source-font, "Iowan Old Style", Charter, "Palatino Linotype", "Source Serif 4", Georgia, serif);
    --_radius: var(--loccit-radius, 10px);
    --_small: calc(var(--_radius) * .6);
    box-sizing: border-box;
    display: flex;
    flex-direction: column;
    min-inline-size: 0;
    color-scheme: inherit;
    font: medium/1.5 var(--_font);
    color: var(--_text);
    overflow-wrap: anywhere;
    -webkit-text-size-adjust: 100%;
  }
  :host([floating]) { display: block; }
  :host([hidden]), [hidden], dialog:not([open]) { display: none !important; }
  *, ::before { box-sizing: border-box; }
  h2, p, ol, figure, blockquote { margin: 0; padding: 0; }
  ol { list-style: none; }
  a { color: var(--_accent); text-decoration-thickness: 1px; text-underline-offset: .2em; }
  a:hover { text-decoration-thickness: 2px; }
  :focus-visible { outline: 2px solid var(--_accent); outline-offset: 2px; border-radius: 3px; }

  .panel {
    flex: 1;
    display: flex;
    flex-direction: column;
    min-block-size: 0;
    min-inline-size: 0;
    color: var(--_text);
    background: var(--_background);
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
  }
  .log { position: relative; flex: 1 1 auto; min-block-size: 0; overflow-y: auto; padding-inline: 1.5em; }
  .turn { padding-block: 1.75em 2em; scroll-margin-block-start: .5em; }
  .turn + .turn { border-block-start: 1px solid var(--_line); }
  .question { font: 600 1.25em/1.35 var(--_font); letter-spacing: -.011em; text-wrap: balance; }
  .summary { margin-block-start: .3em; font-size: .875em; color: var(--_muted); }
  .passages { margin-block-start: 1.5em; }
  .passages > li + li { margin-block-start: 2.75em; }
  .passage { max-inline-size: 44em; }

  .caption { font-size: .875em; color: var(--_muted); }
  .title { font-weight: 600; color: var(--_text); }
  .version { white-space: nowrap; }
  .headings { font-size: .9286em; }
  .lead { margin-block-start: .6em; font-size: .875em; color: var(--_muted); }
  .lead q { font: italic 1.0625em/1.5 var(--_source); }
  .quotation {
    margin-block: .7em .8em;
    padding-inline-start: 1em;
    border-inline-start: 2px solid var(--_accent);
    font: 1.0625em/1.62 var(--_source);
    white-space: pre-wrap;
    text-wrap: pretty;
  }
  .mark {
    padding-block: .08em;
    color: inherit;
    background: var(--_mark);
    border-radius: 2px;
    -webkit-box-decoration-break: clone;
    box-decoration-break: clone;
  }

  button, input, textarea { font: inherit; color: inherit; }
  button { cursor: pointer; }
  .support { display: flex; flex-wrap: wrap; align-items: baseline; gap: .2em 1.5em; font-size: .875em; }
  .confidence, .basis.none { color: var(--_muted); }
  .citation {
    min-inline-size: 2.4em;
    min-block-size: 1.75em;
    padding: 0 .45em;
    font-weight: 600;
    font-variant-numeric: tabular-nums;
    color: var(--_accent);
    background: transparent;
    border: 1px solid var(--_line);
    border-radius: var(--_small);
  }
  .citation:hover, .citation[aria-expanded=true] { border-color: var(--_accent); }
  .reference { display: flex; gap: .75em; margin-block-start: .7em; font-size: .875em; }
  .number { flex: none; font-weight: 600; font-variant-numeric: tabular-nums; color: var(--_muted); }
  .target { margin-inline-end: .6em; font-weight: 600; }
  .targets:empty, .why:empty { display: none; }
  .why { color: var(--_muted); }

  .actions { display: flex; flex-wrap: wrap; align-items: center; gap: .25em 1.25em; margin-block-start: .7em; font-size: .875em; }
  .action {
    display: inline-flex;
    align-items: center;
    min-block-size: 1.75em;
    padding: 0;
    color: var(--_accent);
    background: none;
    border: 0;
    text-decoration: underline 1px;
    text-underline-offset: .2em;
  }
  .action:hover { text-decoration-thickness: 2px; }
  .thumbs { display: flex; gap: .25em; margin-inline-start: auto; }
  .thumb { display: grid; place-items: center; inline-size: 2em; block-size: 2em; padding: 0; color: var(--_muted); background: none; border: 1px solid transparent; border-radius: var(--_small); }
  .thumb:hover { color: var(--_accent); }
  .thumb[aria-pressed=true] { color: var(--_accent); border-color: currentColor; }
  .icon { inline-size: 1.25em; block-size: 1.25em; fill: none; stroke: currentColor; stroke-width: 1.6; stroke-linejoin: round; }
  .down { rotate: 180deg; }
  [aria-pressed=true] .icon { fill: color-mix(in srgb, currentColor 25%, transparent); }
  .outcome { font-size: .875em; color: var(--_muted); }
  .outcome > * { margin-block-start: .5em; }
  .by-hand { display: block; inline-size: 100%; padding: .6em .8em; background: transparent; border: 1px solid var(--_line); border-radius: var(--_small); }

  .verdict { margin-block-start: .5em; font-size: 1.0625em; }
  .failed { color: var(--_error); }
  .waiting { margin-block-start: .5em; color: var(--_muted); animation: appear .3s .25s backwards; }
  @keyframes appear { from { opacity: 0; } }
  .nearest { margin-block-start: 1em; }
  summary { inline-size: fit-content; padding-block: .3em; font-size: .875em; color: var(--_accent); cursor: pointer; }
  .nearest .passage { margin-block-start: 1.1em; }
  .nearest .quotation { border-inline-start-style: dashed; border-color: var(--_muted); }

  .composer { position: sticky; inset-block-end: 0; padding: 1.1em 1.5em 1.4em; background: var(--_background); border-radius: var(--_radius); }
  .log:not(:empty) + .composer { border-block-start: 1px solid var(--_line); border-start-start-radius: 0; border-start-end-radius: 0; }
  .top { display: flex; align-items: baseline; justify-content: space-between; gap: 1em; margin-block-end: .45em; font-size: .875em; }
  .label { font-weight: 600; }
  .notice { margin-block: -.2em .7em; font-size: .8125em; color: var(--_muted); }
  .clear, .close { padding: 0; color: var(--_muted); background: none; border: 0; text-decoration: underline 1px; text-underline-offset: .2em; }
  .clear:hover, .close:hover { color: var(--_accent); }
  .clear:disabled { cursor: default; }
  .field { display: flex; gap: .6em; }
  .field input, .field button { min-block-size: 2.75em; border-radius: var(--_small); }
  .comment input, .comment button { min-block-size: 2.4em; }
  .field input {
    flex: 1;
    min-inline-size: 0;
    padding-inline: .8em;
    background: transparent;
    border: 1px solid color-mix(in srgb, var(--_muted) 85%, var(--_background));
  }
  input::placeholder { color: var(--_muted); opacity: 1; }
  .field :focus-visible { border-radius: var(--_small); }
  .field input:focus-visible { outline-offset: -1px; }
  .field button, .launcher { padding-inline: 1.3em; font-weight: 600; color: var(--_on-accent); background: var(--_accent); border: 0; }
  .comment button { color: var(--_accent); background: none; border: 1px solid var(--_line); }
  .field button:hover, .launcher:hover { background: color-mix(in srgb, var(--_accent) 88%, var(--_text)); }
  .comment button:hover { background: none; border-color: var(--_accent); }
  .field button:disabled { color: var(--_muted); background: var(--_line); cursor: default; }

  .launcher, :host([floating]) .panel { position: fixed; inset-inline: auto 1.25em; inset-block: auto 1.25em; z-index: 2147483000; }
  .launcher { min-block-size: 3em; border-radius: 1.5em; box-shadow: 0 2px 12px rgb(0 0 0 / .22); }
  .launcher:focus-visible { border-radius: 1.5em; }
  :host([floating]) .panel {
    margin: 0;
    padding: 0;
    inline-size: min(30em, 100vw - 2.5em);
    block-size: min(44em, 100vh - 2.5em);
    block-size: min(44em, 100dvh - 2.5em);
    max-inline-size: none;
    max-block-size: none;
    box-shadow: 0 6px 36px rgb(0 0 0 / .28);
  }
  .header { display: flex; align-items: baseline; gap: 1.25em; padding: .9em 1.5em; border-block-end: 1px solid var(--_line); }
  .header span { margin-inline-end: auto; font-weight: 600; }
  .header button { font-size: .875em; }
  :host([floating]) .label { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
  :host([floating]) .top { margin: 0; }

  @media (max-width: 30em) {
    .log, .header { padding-inline: 1em; }
    .composer { padding: .8em 1em 1em; }
    .question { font-size: 1.125em; }
    .passages > li + li { margin-block-start: 2.25em; }
    :host([floating]) .panel { inset: 0; inline-size: auto; block-size: auto; border: 0; border-radius: 0; }
  }
  @media (max-height: 26em) { .composer { position: static; } }
  @media (prefers-reduced-motion: reduce) { .waiting { animation: none; } }
  @media (forced-colors: active) {
    .mark { color: MarkText; background: Mark; }
    .field button, .launcher { color: ButtonText; background: ButtonFace; border: 1px solid ButtonText; }
    .citation[aria-expanded=true], .thumb[aria-pressed=true] { border-color: Highlight; }
    [aria-pressed=true] .icon { fill: currentColor; }
  }
  @media print {
    .composer, .header, .launcher, .actions, .outcome { display: none !important; }
    .panel, :host([floating]) .panel { position: static; inline-size: auto; block-size: auto; border: 0; box-shadow: none; }
    .log { overflow: visible; padding: 0; }
    .question, .caption, .lead { break-after: avoid; }
    .reference { display: flex !important; break-inside: avoid; }
    .citation { min-inline-size: 0; padding: 0; border: 0; }
  }
`);

export class LoccitChat extends HTMLElement {
  static observedAttributes = ["label", "placeholder", "notice", "texts"];

  #texts = TEXTS;
  #turns = [];
  #busy = false;
  #launcher = null;
  #title = element("span");
  #label = element("label", { className: "label", htmlFor: "question" });
  #notice = element("p", { className: "notice", id: "notice", dir: "auto" });
  // Without a name the input cannot end up in an address, and the browser keeps no history of what was asked.
  #input = element("input", { className: "input", id: "question", type: "text", autocomplete: "off", enterKeyHint: "search", dir: "auto" });
  #ask = element("button", { className: "ask", type: "submit" });
  #clear = button({ className: "clear", hidden: true }, "", () => this.clear());
  #close = button({ className: "close" }, "", () => this.#panel.close());
  #log = element("div", { className: "log", role: "log", ariaLive: "polite" });
  #panel = null;

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
  }

  connectedCallback() {
    if (this.#panel) return;
    this.#panel = this.hasAttribute("floating") ? this.#dialog() : element("section", { className: "panel" });
    this.#panel.append(this.#log, this.#composer());
    this.shadowRoot.append(...[this.#launcher, this.#panel].filter(Boolean));
    this.attributeChangedCallback("texts");
    this.#turns = recall(this.#place).filter((turn) => this.#restored(turn));
    this.#settle();
  }

  attributeChangedCallback(name) {
    if (!this.#panel) return;
    if (name === "texts") this.#texts = textsOf(this.getAttribute("texts"));
    const texts = this.#texts;
    const label = this.getAttribute("label") ?? texts.label;
    for (const node of [this.#label, this.#title, this.#launcher]) node?.replaceChildren(label);
    this.#panel.ariaLabel = label;
    this.#input.placeholder = this.getAttribute("placeholder") ?? texts.placeholder;
    this.#notice.textContent = this.getAttribute("notice") ?? "";
    this.#notice.hidden = !this.#notice.textContent;
    this.#ask.textContent = texts.ask;
    this.#clear.textContent = texts.clear;
    this.#close.textContent = texts.close;
    this.#log.ariaLabel = texts.log;
  }

  /** Ask as if the question had been typed. */
  async ask(question) {
    if (this.#busy) return;
    this.#open();
    this.#input.value = question;
    await this.#submit();
  }

  /** Forget all turns, here and in the storage of the tab. */
  clear() {
    if (this.#busy) return;
    this.#keep([]);
    this.#log.replaceChildren();
    this.#settle();
    this.#input.focus();
  }

  #composer() {
    const top = element("div", { className: "top" }, this.#label, this.#launcher ? null : this.#clear);
    const field = element("div", { className: "field" }, this.#input, this.#ask);
    const form = element("form", { className: "composer" }, top, this.#notice, field);
    this.#input.setAttribute("aria-describedby", "notice");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    return form;
  }

  /** The panel of a floating widget, which leaves the page behind it usable, and the button that opens it. */
  #dialog() {
    this.#launcher = button({ className: "launcher", ariaHasPopup: "dialog" }, "", () => this.#open());
    const header = element("div", { className: "header" }, this.#title, this.#clear, this.#close);
    const dialog = element("dialog", { className: "panel" }, header);
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing) dialog.close();
    });
    dialog.addEventListener("close", () => {
      this.#launcher.hidden = false;
      this.#launcher.focus();
    });
    return dialog;
  }

  #open() {
    if (!this.#launcher || this.#panel.open) return;
    this.#panel.show();
    this.#launcher.hidden = true;
    this.#settle();
    this.#log.scrollTo({ top: this.#log.lastElementChild?.offsetTop ?? 0 });
    this.#input.focus();
  }

  async #submit() {
    const question = this.#input.value.trim();
    if (this.#busy) return;
    if (!question) return this.#input.focus();
    const waiting = element("p", { className: "waiting" }, this.#texts.waiting);
    const turn = this.#append(question, [waiting]);
    const release = this.#hold();
    this.#reveal(turn);
    waiting.replaceWith(...(await this.#answered(question)));
    release();
    this.#reveal(turn);
  }

  /** The parts that answer a question, or tell why there is no answer; then the question stays in the box. */
  async #answered(question) {
    const ui = this.#ui;
    try {
      const answer = await answerTo(ui.service, { question, k: this.#k });
      const parts = answerParts(ui, answer);
      this.#keep([...this.#turns, { question, answer }]);
      this.#input.value = "";
      return parts;
    } catch (error) {
      return failureParts(ui, error);
    }
  }

  #append(question, parts) {
    const heading = element("h2", { className: "question", dir: "auto" }, ...words(question));
    const turn = element("article", { className: "turn" }, heading, ...parts);
    this.#log.append(turn);
    return turn;
  }

  /** Whether a turn of the tab's storage could be shown; another version of this script may have written it. */
  #restored(turn) {
    try {
      this.#append(turn.question, answerParts(this.#ui, turn.answer));
      return true;
    } catch {
      return false;
    }
  }

  #keep(turns) {
    this.#turns = turns;
    remember(this.#place, turns);
  }

  /** Take no further question until the function that is returned is called. */
  #hold() {
    const focused = this.shadowRoot.activeElement;
    // On a phone the keyboard would cover the answer.
    if (matchMedia("(pointer: coarse)").matches) this.#input.blur();
    this.#setBusy(true);
    return () => {
      this.#setBusy(false);
      // A disabled button loses the focus; a keyboard user expects to find it there again.
      if (focused === this.#ask && document.activeElement === document.body) focused.focus({ preventScroll: true });
    };
  }

  #setBusy(busy) {
    this.#busy = busy;
    this.#ask.disabled = busy;
    this.#clear.disabled = busy;
    this.#input.readOnly = busy;
    this.#log.ariaBusy = `${busy}`;
  }

  /** Bring the question to the top, inside the element where it has a height of its own, else in the page. */
  #reveal(turn) {
    const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
    if (this.#settle()) this.#log.scrollTo({ top: turn.offsetTop, behavior });
    else turn.scrollIntoView({ block: "start", behavior });
  }

  /** Offer to clear where there are turns, and let the keyboard reach them where they scroll inside; whether they do. */
  #settle() {
    const scrolls = this.#log.scrollHeight > this.#log.clientHeight;
    if (scrolls) this.#log.tabIndex = 0;
    else this.#log.removeAttribute("tabindex");
    this.#clear.hidden = !this.#log.childElementCount;
    return scrolls;
  }

  get #ui() {
    const language = this.closest("[lang]")?.lang || navigator.language;
    const service = { endpoint: this.getAttribute("endpoint")?.trim() || HOME, key: this.getAttribute("key")?.trim() };
    return { texts: this.#texts, language, service };
  }

  /** Under which name the turns are kept. Widgets of one page keep theirs apart by their ids. */
  get #place() {
    return `loccit-chat ${this.id} ${this.#ui.service.endpoint}`;
  }

  get #k() {
    const k = Number(this.getAttribute("k"));
    return Number.isInteger(k) && k > 0 ? k : 5;
  }
}

// A page may load the script twice.
if (!customElements.get("loccit-chat")) customElements.define("loccit-chat", LoccitChat);
