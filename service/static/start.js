/** The start page: example questions ask the widget, and the snippet to embed names this very service. */
(() => {
  "use strict";

  const chat = document.querySelector("loccit-chat");
  for (const button of document.querySelectorAll("[data-example]")) {
    button.addEventListener("click", async () => {
      await customElements.whenDefined("loccit-chat");
      await chat.ask(button.textContent);
    });
  }

  document.querySelector("#origin").textContent = location.origin;
})();
