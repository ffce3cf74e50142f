/**
 * The widget as a page of its own, for systems that strip scripts:
 *
 *     <iframe src="https://host/widget/frame?key=…&label=…" title="…"></iframe>
 *
 * Parameters are the widget's attributes `key`, `k`, `label`, `placeholder`, `notice` and `texts`, the page's `lang` and
 * `dir`, and `scheme`, which is `light` or `dark` where the reader's preference does not decide. There is none for the
 * endpoint: a frame of this service shows what this service answers.
 */
import "./v1.js";

const ATTRIBUTES = ["key", "k", "label", "placeholder", "notice", "texts"];

const parameters = new URLSearchParams(location.search);
const root = document.documentElement;
const main = document.querySelector("main");

const sheet = new CSSStyleSheet();
sheet.replaceSync("html, body, main { block-size: 100%; margin: 0 } loccit-chat { block-size: 100% }");
document.adoptedStyleSheets = [sheet];

/** The widget with the attributes that the address gives. */
function widget() {
  const chat = document.createElement("loccit-chat");
  for (const name of ATTRIBUTES.filter((each) => parameters.has(each))) chat.setAttribute(name, parameters.get(name));
  return chat;
}

for (const name of ["lang", "dir"]) if (parameters.has(name)) root[name] = parameters.get(name);
if (["light", "dark"].includes(parameters.get("scheme"))) root.style.colorScheme = parameters.get("scheme");
document.title = parameters.get("label") ?? document.title;

// Whoever writes the address writes the words around the answers. So they are shown inside a page, which answers for
// them, and never under this service's own name in the address bar.
if (window.top === window) main.textContent = "This page is made to stand in a frame of another page.";
else main.replaceChildren(widget());
