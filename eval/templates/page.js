(() => {
  "use strict";

  // What has no value comes last, whichever way the others are sorted.
  const collator = new Intl.Collator("en", { numeric: true });

  function compared(a, b, descending) {
    if (a === null || b === null) return (a === null) - (b === null);
    const order = typeof a === "number" ? a - b : collator.compare(a, b);
    return descending ? -order : order;
  }

  const numbered = (text) => (text.trim() === "" || Number.isNaN(Number(text)) ? null : Number(text));

  function sortable(table) {
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    const value = (row, column) => {
      const text = row.cells[column].firstChild?.textContent.replace(/[,<\s]/g, "").replace("\u2212", "-") ?? "";
      return heads[column].classList.contains("n") ? numbered(text) : row.cells[column].textContent.trim();
    };
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const descending = head.ariaSort === "ascending";
        heads.forEach((each) => each.removeAttribute("aria-sort"));
        head.ariaSort = descending ? "descending" : "ascending";
        const rows = [...body.rows].map((row) => [value(row, column), row]);
        body.append(...rows.sort(([a], [b]) => compared(a, b, descending)).map(([, row]) => row));
      });
    });
  }

  function questionList(list, form) {
    const buttons = [...document.querySelectorAll("[data-fault]")];
    const fields = form.elements;
    const items = [...list.children].map((node, place) => ({
      node,
      place,
      id: node.dataset.id,
      kind: node.dataset.kind || null,
      answerable: node.dataset.answerable,
      faults: node.dataset.faults.split("|"),
      time: numbered(node.dataset.time),
      values: node.dataset.values.split("|").map(numbered),
      text: `${node.dataset.id} ${node.querySelector(".question").textContent}`.toLowerCase(),
    }));

    function show() {
      const words = fields.text.value.toLowerCase().split(/\s+/).filter(Boolean);
      const faults = buttons.filter((button) => button.ariaPressed === "true").map((button) => button.dataset.fault);
      let shown = 0;
      for (const item of items) {
        const fits =
          words.every((word) => item.text.includes(word)) &&
          (!fields.kind?.value || item.kind === fields.kind.value) &&
          (!fields.answerable.value || item.answerable === fields.answerable.value) &&
          (!faults.length || faults.some((fault) => item.faults.includes(fault)));
        item.node.hidden = !fits;
        shown += fits;
      }
      form.querySelector("output").textContent = `${shown} of ${items.length} questions shown`;
    }

    function sort() {
      const by = fields.sort.value;
      const key = (item) => (by in item ? item[by] : item.values[Number(by)]);
      const descending = fields.direction.value === "down";
      const sorted = [...items].sort((a, b) => compared(key(a), key(b), descending) || a.place - b.place);
      list.append(...sorted.map((item) => item.node));
    }

    function press(button, pressed) {
      button.ariaPressed = String(pressed);
    }

    for (const button of buttons) {
      button.disabled = false;
      button.addEventListener("click", () => {
        press(button, button.ariaPressed !== "true");
        show();
      });
    }
    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", (event) => (["sort", "direction"].includes(event.target.name) ? sort() : show()));
    form.addEventListener("reset", () => {
      buttons.forEach((button) => press(button, false));
      // The fields have their first values only after this event.
      setTimeout(() => [sort(), show()]);
    });
    // A browser may have kept the fields from an earlier visit.
    form.reset();
  }

  document.querySelectorAll("table[data-sortable]").forEach(sortable);
  const list = document.getElementById("questions");
  if (list) questionList(list, document.querySelector(".tools"));

  // Where the style cannot open what is folded, the script does.
  if (!CSS.supports("selector(::details-content)")) {
    addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((each) => (each.open = true)));
  }
})();
