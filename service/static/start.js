/** The start page: the widget, the documents that it asks, and the lines that embed it. */

import { Failure, HOME, key } from "./pages/api.js";
import { withKey } from "./pages/key.js";
import { DocumentList } from "./pages/documents.js";

const EXAMPLES_FOR = "cervical_spinal_metastases"; // The page that comes with loccit.

const part = (name) => document.querySelector(name);
const chat = part("loccit-chat");
const list = new DocumentList(part(".documents"));

for (const button of document.querySelectorAll("[data-example]")) {
  button.addEventListener("click", async () => {
    await customElements.whenDefined("loccit-chat");
    await chat.ask(button.textContent);
  });
}
for (const place of document.querySelectorAll("[data-home]")) place.textContent = HOME.href;

try {
  const shown = await withKey(part("main"), () => list.show());
  part(".examples").hidden = !(shown.total === 1 && shown.documents[0].id === EXAMPLES_FOR);
} catch (error) {
  part("#count").textContent = error instanceof Failure ? error.message : "The list of documents cannot be read.";
  if (!(error instanceof Failure)) throw error;
}
if (key()) {
  chat.setAttribute("key", key());
  part("#with-key").hidden = false;
}
