// The timeline under the pointer and the arrows: a period is chosen by drawing over it, or with Shift and the arrows.
//
// Each bar is a link to its own period; what is drawn over several is the link from the beginning of the first to the end
// of the last.

import { go } from "./search.js";

const page = document.getElementById("page");
const SVG = "http://www.w3.org/2000/svg";
const FAR = 5; // px: less is a click whose hand trembled

let drawing; // { svg, bars, from, to, x, moved }

const barsOf = (svg) => [...svg.querySelectorAll("a, .empty")];
const hrefOf = (bar) => bar.getAttribute("href");
const endOf = (bar, name) =>
  bar.dataset[name] ?? new URL(hrefOf(bar), location.href).searchParams.get(name);
const titleOf = (bar) => bar.querySelector("title").textContent;

const periodOf = (bar) => titleOf(bar).replace(/\s*:[^:]*$/, "");
const said = (bars) => {
  if (bars.length === 1) return titleOf(bars[0]);
  const count = bars.reduce((sum, bar) => sum + Number(bar.dataset.count ?? 0), 0);
  const colon = document.documentElement.lang === "fr" ? "\u00a0: " : ": ";
  return `${periodOf(bars[0])} – ${periodOf(bars.at(-1))}${colon}${count.toLocaleString(document.documentElement.lang)}`;
};

// The words beside the heading tell what is pointed at, and again what a bar is when nothing is.
const tell = (svg, bars) => {
  const words = svg.parentElement.querySelector("h2 span");
  words.dataset.usual ??= words.textContent;
  words.textContent = bars.length ? said(bars) : words.dataset.usual;
};

const chosen = ({ bars, from, to }) => bars.slice(Math.min(from, to), Math.max(from, to) + 1);

const show = (state) => {
  const { svg } = state;
  let band = svg.querySelector(".brush");
  if (!band) {
    band = document.createElementNS(SVG, "rect");
    band.setAttribute("class", "brush");
    band.setAttribute("y", 0);
    band.setAttribute("height", svg.dataset.bars);
    svg.prepend(band);
  }
  const places = chosen(state).map((bar) => bar.querySelector(".place"));
  const [first, last] = [places[0], places.at(-1)];
  const left = parseFloat(first.getAttribute("x"));
  band.setAttribute("x", `${left}%`);
  band.setAttribute("width", `${parseFloat(last.getAttribute("x")) + parseFloat(last.getAttribute("width")) - left}%`);
  tell(svg, chosen(state));
};

const hide = (svg) => {
  svg.querySelector(".brush")?.remove();
  tell(svg, []);
};

const zoom = (state) => {
  const bars = chosen(state);
  const linked = bars.find(hrefOf) ?? state.bars.find(hrefOf);
  const url = new URL(hrefOf(linked), location.href);
  url.searchParams.set("from", endOf(bars[0], "from"));
  url.searchParams.set("to", endOf(bars.at(-1), "to"));
  go(url.href);
};

const barAt = (svg, bars, x) => {
  const { left, width } = svg.getBoundingClientRect();
  return Math.max(0, Math.min(bars.length - 1, Math.floor(((x - left) / width) * bars.length)));
};

page.addEventListener("pointerdown", (event) => {
  const svg = event.target.closest(".timeline svg");
  if (!svg || event.button || event.ctrlKey || event.metaKey) return;
  const bars = barsOf(svg);
  const at = barAt(svg, bars, event.clientX);
  drawing = { svg, bars, from: at, to: at, x: event.clientX, moved: false };
});
page.addEventListener("pointermove", (event) => {
  if (!drawing) return;
  if (!drawing.moved && Math.abs(event.clientX - drawing.x) < FAR) return;
  if (!drawing.moved) drawing.svg.setPointerCapture(event.pointerId);
  drawing.moved = true;
  drawing.to = barAt(drawing.svg, drawing.bars, event.clientX);
  show(drawing);
});
page.addEventListener("pointerup", () => {
  const done = drawing;
  drawing = null;
  if (!done?.moved) return;
  // The click that ends a drawing is no click on the bar beneath.
  addEventListener("click", (event) => { event.preventDefault(); event.stopPropagation(); }, { capture: true, once: true });
  zoom(done);
});
const give = () => {
  if (drawing) hide(drawing.svg);
  drawing = null;
};
page.addEventListener("pointercancel", give);
page.addEventListener("dragstart", (event) => event.target.closest(".timeline svg") && event.preventDefault());
page.addEventListener("pointerover", (event) => {
  const bar = event.target.closest(".timeline svg :is(a, .empty)");
  if (bar && !drawing) tell(bar.closest("svg"), [bar]);
});
page.addEventListener("pointerout", (event) => {
  const svg = event.target.closest(".timeline svg");
  if (svg && !drawing && !svg.contains(event.relatedTarget)) tell(svg, svg.contains(document.activeElement) ? [document.activeElement] : []);
});

// One stop of the Tab key for all bars; the arrows go from one to the next that counts something.
const ready = () => {
  const svg = page.querySelector(".timeline svg");
  if (!svg) return;
  svg.setAttribute("aria-description", svg.dataset.help);
  svg.querySelectorAll("a").forEach((bar, at, bars) => {
    bar.setAttribute("tabindex", at === bars.length - 1 ? 0 : -1);
    bar.setAttribute("aria-label", titleOf(bar));
  });
};
ready();
document.body.addEventListener("htmx:afterSettle", ready);
document.body.addEventListener("htmx:historyRestore", ready);

let keyed; // what Shift and the arrows have chosen so far
page.addEventListener("focusin", ({ target }) => {
  const svg = target.closest(".timeline svg");
  if (svg && target.matches("a")) tell(svg, keyed?.svg === svg ? chosen(keyed) : [target]);
});
page.addEventListener("focusout", ({ target, relatedTarget }) => {
  const svg = target.closest(".timeline svg");
  if (!svg || svg.contains(relatedTarget)) return;
  keyed = null;
  hide(svg);
});
page.addEventListener("keydown", (event) => {
  const svg = event.target.closest(".timeline svg");
  if (!svg || event.ctrlKey || event.altKey || event.metaKey) return;
  const bars = barsOf(svg);
  const at = bars.indexOf(event.target.closest("a"));
  const by = { ArrowLeft: -1, ArrowRight: 1, Home: -bars.length, End: bars.length }[event.key];
  if (event.key === "Escape") {
    keyed = null;
    hide(svg);
  } else if (event.key === "Enter" && keyed && keyed.from !== keyed.to) {
    event.preventDefault();
    zoom(keyed);
    keyed = null;
  } else if (by) {
    event.preventDefault();
    const links = bars.filter(hrefOf);
    const next = Math.abs(by) > 1 ? links.at(by > 0 ? -1 : 0) : links[links.indexOf(bars[at]) + by];
    if (!next) return;
    if (event.shiftKey) keyed = { svg, bars, from: keyed?.from ?? at, to: bars.indexOf(next) };
    else keyed = null;
    for (const link of links) link.setAttribute("tabindex", link === next ? 0 : -1);
    next.focus();
    if (keyed) show(keyed);
    else svg.querySelector(".brush")?.remove();
  }
});
