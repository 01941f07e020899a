// Completion of the search box (WAI-ARIA combobox with a listbox).
"use strict";
(() => {
  const input = document.querySelector("input[data-suggest]");
  if (!input) return;
  const KINDS = Object.fromEntries(input.dataset.kinds.split("|").map((kind) => kind.split("=")));
  const PAUSE = 120; // ms without a key before asking
  const make = (tag, fields, attrs = {}) => {
    const made = Object.assign(document.createElement(tag), fields);
    for (const name in attrs) made.setAttribute(name, attrs[name]);
    return made;
  };
  const list = make("ul", { id: "propositions", hidden: true }, { role: "listbox", "aria-label": input.dataset.label });
  let found = [], active = -1, timer, asking;

  input.after(list);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  const mark = (at) => {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = at;
    const option = list.children[at];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option?.id ?? "");
  };

  const show = (suggestions) => {
    clearTimeout(timer);
    asking?.abort();
    found = suggestions;
    list.replaceChildren(...found.map(({ label, kind, count }, at) => {
      const option = make("li", { id: `proposition-${at}` }, { role: "option", "aria-selected": "false" });
      const parts = { label, kind: KINDS[kind] ?? "", count: count?.toLocaleString(document.documentElement.lang) ?? "" };
      for (const name in parts) option.append(make("span", { className: name, textContent: parts[name] }), " ");
      return option;
    }));
    mark(-1);
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", !list.hidden);
  };
  const close = () => show([]);

  // A name is a filter: the search is made. A word or a clause goes on being typed, inside what was left open.
  const pick = ({ kind, q, params }) => {
    close();
    input.value = q;
    const filters = Object.entries(params).flatMap(([name, values]) => values.map((value) => ({ type: "hidden", name, value })));
    if (kind === "saved" || filters.length) {
      input.form.append(...filters.map((filter) => make("input", filter)));
      input.form.requestSubmit();
    } else {
      const end = q.search(kind === "word" ? /[)"»”“]*$/ : /\)*$/);
      input.focus();
      input.setSelectionRange(end, end);
    }
  };

  const ask = async () => {
    const typed = input.value;
    asking?.abort();
    if (!typed.trim() || input.selectionStart < typed.length) return close();
    asking = new AbortController();
    try {
      const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(typed)}`, { signal: asking.signal });
      const { suggestions } = await answer.json();
      if (input.value === typed && document.activeElement === input) show(suggestions ?? []);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  input.addEventListener("blur", close);
  input.form.addEventListener("submit", close);
  input.addEventListener("keydown", (event) => {
    const { key } = event, last = found.length - 1;
    if (event.isComposing) return;
    if (list.hidden) return void (key === "ArrowDown" && ask());
    if (key === "ArrowDown") mark(active < last ? active + 1 : -1);
    else if (key === "ArrowUp") mark(active < 0 ? last : active - 1);
    else if (key === "Escape") close();
    else if (key === "Enter" && active >= 0) pick(found[active]);
    else return;
    event.preventDefault();
  });
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("li");
    if (option && !event.button) pick(found[[...list.children].indexOf(option)]);
  });
})();
