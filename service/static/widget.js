/**
 * <loccit-chat>: ask a loccit service and read the passages that answer, word for word, with their references.
 *
 *     <script src="https://host/widget.js" defer></script>
 *     <loccit-chat></loccit-chat>
 *
 * Attributes
 *     endpoint      address of the service; by default the origin of this script
 *     k             how many passages to ask for; by default 5
 *     label         words above the input
 *     placeholder   words inside the empty input
 *
 * Method
 *     ask(question) fills the input and submits it; the promise is fulfilled when the turn is complete
 *
 * Custom properties, each with a default for light and for dark
 *     --loccit-accent, --loccit-on-accent, --loccit-background, --loccit-text, --loccit-muted, --loccit-line,
 *     --loccit-mark, --loccit-error, --loccit-font, --loccit-source-font, --loccit-radius
 *
 * The look follows prefers-color-scheme; `loccit-chat { color-scheme: light }` in the page fixes it. Given a height, the
 * element scrolls inside; without one it grows with the page. Questions are posted, never put in an address, and what
 * comes back is only ever set as text.
 */
(() => {
  "use strict";

  if (customElements.get("loccit-chat")) return;

  const TIMEOUT_SECONDS = 20;
  const FINDINGS_SECONDS = 3;

  /** Kinds of findings of a document that are about a mark behind which there is nothing. */
  const DEAD_MARKS = ["marker-without-reference", "malformed"];

  const SLOW = `The service did not answer within ${TIMEOUT_SECONDS} seconds.`;
  const UNREACHABLE = "The service could not be reached. Check the connection, or try again in a moment.";
  const UNREADABLE = "The service sent something that this page cannot read as an answer.";
  const KEPT = "Your question is still in the box below, to change or to ask again.";

  const BASES = {
    marked: { words: "cited here", reason: "the reference mark stands in this passage" },
    named: { words: "names the author", reason: "the passage names the first author of this work" },
    inherited: { words: "probably from", reason: "the reference mark stands later in the same study" },
  };

  // Only known while the script runs. A module has no current script, so there the tag is looked up.
  const script = document.currentScript ?? document.querySelector('script[src*="/widget.js"]');
  const home = script?.src ? new URL(script.src).origin : location.origin;

  /** A failure whose message is written for the reader. */
  class Failure extends Error {}

  // Building: strings always become text nodes, whatever they hold.

  function element(name, properties = {}, ...children) {
    const node = Object.assign(document.createElement(name), properties);
    node.append(...children.filter((child) => child !== null));
    return node;
  }

  function webAddress(address) {
    try {
      const url = new URL(address);
      return ["http:", "https:"].includes(url.protocol) ? url.href : null;
    } catch {
      return null;
    }
  }

  /** A link, or a plain span where the address is not one of the web. */
  function outbound(address, properties, ...children) {
    const href = webAddress(address);
    if (!href) return element("span", properties, ...children);
    return element("a", { ...properties, href, target: "_blank", rel: "noopener noreferrer" }, ...children);
  }

  function plural(count, noun) {
    return `${count} ${noun}${count === 1 ? "" : "s"}`;
  }

  // Views: one function for each part of a turn.

  /** The passage's text with its highlights marked. Offsets count code points of the document, strings UTF-16 units. */
  function sourceText({ text, anchor, highlights }) {
    const points = Array.from(text);
    const nodes = [];
    let position = 0;
    for (const { start, end } of [...highlights].sort((a, b) => a.start - b.start)) {
      const from = Math.max(position, start - anchor.start);
      const to = Math.min(points.length, end - anchor.start);
      if (from >= to) continue;
      nodes.push(points.slice(position, from).join(""), element("mark", {}, points.slice(from, to).join("")));
      position = to;
    }
    return [...nodes, points.slice(position).join("")];
  }

  function caption({ rank, document: source, anchor, headings }, ranked) {
    // A separator stays at the end of its line when the caption wraps.
    const trail = headings.flatMap((heading) => ["\u00A0\u203A ", element("bdi", { className: "heading" }, heading)]);
    const version = source.modified && `version of ${source.modified}`;
    return element(
      "figcaption",
      {},
      ranked ? element("span", { className: "rank" }, `${rank}`) : null,
      outbound(anchor.link ?? source.url, { className: "title", dir: "auto" }, source.title),
      ...trail,
      ...(version ? ["\u00A0\u00B7 ", element("span", { className: "version" }, version)] : []),
    );
  }

  function passageFigure(passage, works, ranked = true) {
    const { lead } = passage;
    return element(
      "figure",
      { className: "passage" },
      caption(passage, ranked),
      lead && element("p", { className: "lead", dir: "auto" }, "The study begins: ", element("q", {}, lead.text)),
      element("blockquote", { dir: "auto" }, ...sourceText(passage)),
      ...citationParts(passage, works),
    );
  }

  function citationParts({ citations, dangling }, works) {
    if (!citations.length) return [element("p", { className: "basis" }, withoutReference(dangling ?? []))];
    const groups = new Map();
    for (const citation of citations) {
      groups.set(citation.basis, [...(groups.get(citation.basis) ?? []), citation]);
    }
    return [...groups].flatMap(([basis, group]) => [basisLine(basis), workList(group, works)]);
  }

  /** Why a passage has no citation; `dangling` are the numbers of its marks that lead nowhere. */
  function withoutReference(dangling) {
    if (!dangling.length) return "The source gives no reference for this passage.";
    const marks = dangling.map((number) => `[${number}]`).join(", ");
    return dangling.length === 1
      ? `The source\u2019s mark ${marks} has no entry in its list of references.`
      : `The source\u2019s marks ${marks} have no entry in its list of references.`;
  }

  function basisLine(basis) {
    const { words, reason } = BASES[basis] ?? { words: basis, reason: "" };
    return element(
      "p",
      { className: `basis ${basis}` },
      element("strong", {}, words),
      reason && ` \u00B7 ${reason}`,
    );
  }

  /** The works behind the citations. Numbers that point to the same work share one line, as they do in the source. */
  function workList(citations, works) {
    const numbers = new Map();
    for (const { reference, number } of citations) {
      numbers.set(reference, new Set([...(numbers.get(reference) ?? []), number]));
    }
    const lines = [...numbers].map(([id, set]) => workLine(works.get(id) ?? { text: id }, [...set]));
    return element("ul", { className: "works" }, ...lines);
  }

  function workLine(work, numbers) {
    const label = numbers.map((number) => `[${number}]`).join(" ");
    const links = workLinks(work).map(([name, address]) =>
      outbound(address, { className: "target", ariaLabel: `${name}, reference ${numbers.join(", ")}` }, name),
    );
    return element(
      "li",
      {},
      element("span", { className: "number" }, label),
      " ",
      element("div", {}, element("span", { dir: "auto" }, work.text), ...links.flatMap((link) => [" ", link])),
    );
  }

  /** Where a work can be read. A DOI may hold any character, and its slashes stay. */
  function workLinks({ doi, pmid, pmcid, url }) {
    const path = (part) => encodeURIComponent(part).replaceAll("%2F", "/");
    const links = [];
    if (doi) links.push(["DOI", `https://doi.org/${path(doi)}`]);
    if (pmid) links.push(["PubMed", `https://pubmed.ncbi.nlm.nih.gov/${path(pmid)}/`]);
    if (pmcid) links.push(["PMC", `https://pmc.ncbi.nlm.nih.gov/articles/${path(pmcid)}/`]);
    const own = webAddress(url);
    const known = /^https?:\/\/(dx\.)?(doi\.org|pubmed\.ncbi|pmc\.ncbi|www\.ncbi)/;
    if (own && !(links.length && known.test(own))) links.push(["Link", own]);
    return links;
  }

  function answerParts({ status, passages, nearest, references }) {
    const works = new Map(references.map((work) => [work.id, work]));
    if (status === "no_match") return [noMatch(), ...(nearest ? [nearestDetails(nearest, works)] : [])];
    const list = passages.map((passage) => element("li", {}, passageFigure(passage, works)));
    const summary = `${plural(passages.length, "passage")} in the source${passages.length > 1 ? ", best first" : ""}`;
    return [element("p", { className: "summary" }, summary), element("ol", { className: "passages" }, ...list)];
  }

  function noMatch() {
    return element("p", { className: "verdict" }, "The source has no answer to this question.");
  }

  function nearestDetails(nearest, works) {
    const summary = element("summary", {}, "Nearest passage, which may not answer");
    return element("details", {}, summary, passageFigure(nearest, works, false));
  }

  function failureParts(message) {
    return [
      element("p", { className: "verdict failed" }, message),
      element("p", { className: "summary" }, KEPT),
    ];
  }

  // Asking

  function address(endpoint, path) {
    try {
      return new URL(path, new URL(`${endpoint.replace(/\/+$/, "")}/`, document.baseURI));
    } catch {
      throw new Failure(`The endpoint of this widget is not a web address: ${endpoint}`);
    }
  }

  async function answerTo(endpoint, query) {
    const asked = address(endpoint, "v1/ask");
    const aborter = new AbortController();
    const timer = setTimeout(() => aborter.abort(), TIMEOUT_SECONDS * 1000);
    try {
      const response = await fetch(asked, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json, application/problem+json" },
        body: JSON.stringify(query),
        signal: aborter.signal,
      });
      return answerOf(response, await response.text());
    } catch (error) {
      if (error instanceof Failure) throw error;
      throw new Failure(aborter.signal.aborted ? SLOW : UNREACHABLE);
    } finally {
      clearTimeout(timer);
    }
  }

  function answerOf(response, text) {
    const body = parsed(text);
    if (!response.ok) {
      const words = [body?.detail, body?.title].find((value) => typeof value === "string" && value);
      throw new Failure(words ?? `The service failed, with status ${response.status}.`);
    }
    if (!["answered", "no_match"].includes(body?.status)) throw new Failure(UNREADABLE);
    return body;
  }

  function parsed(text) {
    try {
      return JSON.parse(text);
    } catch {
      return null;
    }
  }

  /** The answer, in which passages without citation have the numbers of their marks that lead nowhere. */
  async function withDangling(endpoint, answer) {
    const uncited = [...answer.passages, answer.nearest].filter((each) => each && !each.citations.length);
    // A passage without a figure has no mark.
    const marked = uncited.filter(({ text }) => /\d/.test(text));
    await Promise.all(
      marked.map(async (passage) => {
        passage.dangling = danglingIn(await findingsOf(endpoint, passage.document.id), passage.anchor);
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
  async function findingsOf(endpoint, id) {
    try {
      const path = `v1/documents/${encodeURIComponent(id)}`;
      const response = await fetch(address(endpoint, path), { signal: AbortSignal.timeout(1000 * FINDINGS_SECONDS) });
      const { findings } = await response.json();
      return Array.isArray(findings) ? findings : [];
    } catch {
      return [];
    }
  }

  /** The parts of a turn: the answer, or what went wrong in words. */
  async function turnParts(endpoint, query) {
    try {
      return { answered: true, parts: answerParts(await withDangling(endpoint, await answerTo(endpoint, query))) };
    } catch (error) {
      // Anything else is an answer whose parts are not where they should be.
      return { answered: false, parts: failureParts(error instanceof Failure ? error.message : UNREADABLE) };
    }
  }

  // A constructed sheet needs no permission for inline styles from the page's content security policy. Lengths are in em
  // from the reader's own font size, so a page that changes the meaning of rem does not change the widget.
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
      box-sizing: border-box;
      display: flex;
      flex-direction: column;
      min-inline-size: 0;
      color-scheme: light dark;
      font: medium/1.5 var(--_font);
      color: var(--_text);
      background: var(--_background);
      border: 1px solid var(--_line);
      border-radius: var(--_radius);
      overflow-wrap: anywhere;
      -webkit-text-size-adjust: 100%;
    }
    :host([hidden]) { display: none; }
    *, ::before { box-sizing: border-box; }
    h2, p, ol, ul, figure, blockquote { margin: 0; padding: 0; }
    ol, ul { list-style: none; }
    a { color: var(--_accent); text-decoration-thickness: 1px; text-underline-offset: .2em; }
    a:hover { text-decoration-thickness: 2px; }
    :focus-visible { outline: 2px solid var(--_accent); outline-offset: 2px; border-radius: 3px; }

    .log { position: relative; flex: 1 1 auto; min-block-size: 0; overflow-y: auto; padding-inline: 1.5em; }
    .turn { padding-block: 1.75em 2em; scroll-margin-block-start: .5em; }
    .turn + .turn { border-block-start: 1px solid var(--_line); }
    .question { font: 600 1.25em/1.35 var(--_font); letter-spacing: -.011em; text-wrap: balance; }
    .summary { margin-block-start: .3em; font-size: .875em; color: var(--_muted); }
    .passages, details { margin-block-start: 1.5em; }
    .passages > li + li { margin-block-start: 2.25em; }
    .passage { max-inline-size: 44em; }

    figcaption { font-size: .875em; color: var(--_muted); }
    .rank { margin-inline-end: .6em; font-weight: 700; color: var(--_accent); font-variant-numeric: tabular-nums; }
    .title { font-weight: 600; }
    span.title { color: var(--_text); }
    .version { white-space: nowrap; }
    .lead { margin-block-start: .55em; font: italic .9375em/1.5 var(--_source); color: var(--_muted); }
    blockquote {
      margin-block: .6em .8em;
      padding-inline-start: 1em;
      border-inline-start: 2px solid var(--_accent);
      font: 1.0625em/1.62 var(--_source);
      white-space: pre-wrap;
      text-wrap: pretty;
    }
    mark {
      padding-block: .08em;
      color: inherit;
      background: var(--_mark);
      border-radius: 2px;
      -webkit-box-decoration-break: clone;
      box-decoration-break: clone;
    }

    .basis { margin-block-start: .7em; font-size: .8125em; color: var(--_muted); }
    .basis strong { display: inline-block; font-weight: 600; color: var(--_text); }
    .basis strong::first-letter { text-transform: uppercase; }
    .works { font-size: .875em; line-height: 1.5; }
    .works li { display: flex; gap: .6em; margin-block-start: .3em; }
    .number { flex: none; font-variant-numeric: tabular-nums; color: var(--_muted); }
    .target { display: inline-block; margin-inline-start: .4em; font-weight: 600; }

    .verdict { margin-block-start: .5em; font-size: 1.0625em; }
    .failed { color: var(--_error); }
    .waiting { margin-block-start: .5em; color: var(--_muted); animation: appear .3s .25s backwards; }
    @keyframes appear { from { opacity: 0; } }
    details { margin-block-start: 1em; }
    summary { inline-size: fit-content; padding-block: .3em; font-size: .875em; color: var(--_accent); cursor: pointer; }
    details .passage { margin-block-start: 1.1em; }
    details blockquote { border-color: var(--_line); }

    .composer {
      position: sticky;
      inset-block-end: 0;
      padding: 1.1em 1.5em 1.4em;
      background: var(--_background);
      border-radius: var(--_radius);
    }
    .log:not(:empty) + .composer { border-block-start: 1px solid var(--_line); border-start-start-radius: 0; border-start-end-radius: 0; }
    label { display: block; margin-block-end: .45em; font-size: .875em; font-weight: 600; }
    .field { display: flex; gap: .6em; }
    input, button { min-block-size: 2.75em; font: inherit; border-radius: calc(var(--_radius) * .6); }
    input {
      flex: 1;
      min-inline-size: 0;
      padding-inline: .8em;
      color: inherit;
      background: transparent;
      border: 1px solid color-mix(in srgb, var(--_muted) 85%, var(--_background));
    }
    input::placeholder { color: var(--_muted); opacity: 1; }
    input:focus-visible, button:focus-visible { border-radius: calc(var(--_radius) * .6); }
    input:focus-visible { outline-offset: -1px; }
    button {
      padding-inline: 1.3em;
      font-weight: 600;
      color: var(--_on-accent);
      background: var(--_accent);
      border: 0;
      cursor: pointer;
    }
    button:hover { background: color-mix(in srgb, var(--_accent) 88%, var(--_text)); }
    button:disabled { color: var(--_muted); background: var(--_line); cursor: default; }

    @media (max-width: 30em) {
      .log { padding-inline: 1em; }
      .composer { padding: .8em 1em 1em; }
      .question { font-size: 1.125em; }
      .passages > li + li { margin-block-start: 2em; }
    }
    @media (max-height: 26em) { .composer { position: static; } }
    @media (prefers-reduced-motion: reduce) { .waiting { animation: none; } }
    @media print { .composer { display: none; } }
  `);

  class LoccitChat extends HTMLElement {
    static observedAttributes = ["label", "placeholder"];

    #label = element("label", { htmlFor: "question" });
    // Without a name the input cannot end up in an address, and the browser keeps no history of what was asked.
    #input = element("input", { id: "question", type: "text", autocomplete: "off", enterKeyHint: "search", dir: "auto" });
    #button = element("button", { type: "submit" }, "Ask");
    #log = element("div", { className: "log", role: "log", ariaLive: "polite", ariaLabel: "Questions and answers" });
    #busy = false;

    constructor() {
      super();
      const field = element("div", { className: "field" }, this.#input, this.#button);
      const form = element("form", { className: "composer" }, this.#label, field);
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.#submit();
      });
      const root = this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [sheet];
      root.append(this.#log, form);
      this.attributeChangedCallback();
    }

    attributeChangedCallback() {
      this.#label.textContent = this.getAttribute("label") ?? "Ask the source";
      this.#input.placeholder = this.getAttribute("placeholder") ?? "In plain words";
    }

    async ask(question) {
      if (this.#busy) return;
      this.#input.value = question;
      await this.#submit();
    }

    async #submit() {
      const question = this.#input.value.trim();
      if (this.#busy) return;
      if (!question) return this.#input.focus();
      const waiting = element("p", { className: "waiting" }, "Looking in the source\u2026");
      const heading = element("h2", { className: "question", dir: "auto" }, question);
      const turn = element("article", { className: "turn" }, heading, waiting);
      const release = this.#hold();
      this.#log.append(turn);
      this.#reveal(turn);
      const { answered, parts } = await turnParts(this.#endpoint, { question, k: this.#k });
      waiting.replaceWith(...parts);
      if (answered) this.#input.value = "";
      release();
      this.#reveal(turn);
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
        if (focused === this.#button && document.activeElement === document.body) focused.focus({ preventScroll: true });
      };
    }

    #setBusy(busy) {
      this.#busy = busy;
      this.#button.disabled = busy;
      this.#input.readOnly = busy;
      this.#log.ariaBusy = `${busy}`;
    }

    /** Bring the question to the top, inside the element where it has a height of its own, else in the page. */
    #reveal(turn) {
      const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
      if (this.#log.scrollHeight > this.#log.clientHeight) {
        this.#log.tabIndex = 0;
        this.#log.scrollTo({ top: turn.offsetTop, behavior });
      } else {
        this.#log.removeAttribute("tabindex");
        turn.scrollIntoView({ block: "start", behavior });
      }
    }

    get #endpoint() {
      return this.getAttribute("endpoint")?.trim() || home;
    }

    get #k() {
      const k = Number(this.getAttribute("k"));
      return Number.isInteger(k) && k > 0 ? k : 5;
    }
  }

  customElements.define("loccit-chat", LoccitChat);
})();
