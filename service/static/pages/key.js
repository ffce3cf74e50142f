/** The field for a key, shown where the service asks for one. The key stays in this tab. */

import { key, keep } from "./api.js";
import { element } from "./elements.js";

const [UNAUTHORIZED, FORBIDDEN] = [401, 403];

/** Does what needs the API; where that needs a key, asks for one at the top of `place` and does it again. */
export async function withKey(place, action) {
  for (;;) {
    try {
      return await action();
    } catch (error) {
      const refused = error.status === FORBIDDEN && key();
      if (error.status !== UNAUTHORIZED && !refused) throw error;
      await askForKey(place, refused ? error.message : words());
    }
  }
}

function words() {
  return key() ? "The service does not take this key. Enter another." : "This service needs a key.";
}

function askForKey(place, reason) {
  const input = element("input", { type: "password", id: "key", autocomplete: "off", required: true, spellcheck: false });
  // Nothing else can be sent in a header.
  Object.assign(input, { pattern: "\\s*[!-~]+\\s*", title: "Letters, digits and signs of ASCII, without spaces." });
  const form = element(
    "form",
    { className: "key" },
    element("p", { role: "alert" }, reason),
    element("label", { htmlFor: "key" }, "Key"),
    input,
    element("button", { type: "submit" }, "Use this key"),
    element("p", { className: "hint" }, "It is kept in this tab only, until the tab is closed."),
  );
  const heading = place.querySelector("h1");
  if (heading) heading.after(form);
  else place.prepend(form);
  input.focus();
  return new Promise((resolve) => {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      keep(input.value.trim());
      form.remove();
      resolve();
    });
  });
}
