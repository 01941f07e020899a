// The search page in place: whatever leads to another search changes what differs, and the address with it.
//
// Nothing here is needed: every link and form does the same without. htmx asks, swaps, keeps the history and drops what a
// newer request overtakes; here is what it cannot know: where the reader was, and what to say to who does not see it.

import { onKey } from "./keys.js";

const page = document.getElementById("page");
const form = document.getElementById("recherche");
const trouble = document.getElementById("ennui");
const PAUSE = 250; // ms without a key before a facet is searched, or a period applied
let asked = ""; // the address asked for last
let toTop = false; // whether what comes is read from its beginning
let waiting; // to be sure that typing is over

/** Shows the search at this address, in place of what the page shows. */
export const go = (href, { top = false, target = page } = {}) => {
  const url = new URL(href, location.href);
  asked = url.pathname + url.search;
  toTop = top;
  clearTimeout(waiting);
  htmx.ajax("GET", asked, { source: target, target, swap: "innerHTML" }).catch(() => {});
};

// -- links and forms that lead to another search ----------------------------------------------------------------------

const isSearch = (url) => url.origin === location.origin && url.pathname === new URL(form.action).pathname;

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (!link.closest("#page, #ennui, .help")) return;
  const href = link.getAttribute("href");
  if (href.startsWith("#")) return close(link);
  if (!isSearch(new URL(href, location.href))) return;
  event.preventDefault();
  link.closest(".help")?.removeAttribute("open");
  go(href, { top: Boolean(link.closest(".pages, .help")) });
});

// What a form says, without the fields that say nothing.
const addressOf = (from) => {
  const said = [...new FormData(from)].filter(([, value]) => value.trim());
  return `${new URL(from.action).pathname}?${new URLSearchParams(said)}`;
};

document.addEventListener("submit", (event) => {
  const from = event.target;
  if (from.matches(".inside")) look(from);
  else if (from === form) go(addressOf(from), { top: true });
  else return;
  event.preventDefault();
});

const later = (what) => {
  clearTimeout(waiting);
  waiting = setTimeout(what, PAUSE);
};

// Inside a facet: only its values change. What asks for all of them anew is not held up by that.
const look = (from) => {
  if (from.isConnected && !page.matches(".htmx-request")) go(addressOf(from), { target: from.previousElementSibling });
};
page.addEventListener("input", ({ target }) => {
  const inside = target.closest(".inside");
  if (inside) later(() => look(inside));
});

// Options apply when they are chosen; a day, once its year is written: the first keys of 2022 are the year 2.
page.addEventListener("change", ({ target }) => {
  if (!target.closest(".options")) return;
  if (!target.type.startsWith("date")) go(addressOf(form));
  else if (target.validity.valid && (!target.value || target.value >= "1800")) later(() => go(addressOf(form)));
});

// -- where the reader is ----------------------------------------------------------------------------------------------

const labelOf = (item) => {
  const value = item?.querySelector(".value");
  return value && (value.title || value.querySelector(".label, s").textContent);
};
const KINDS = ["value", "except", "fold", "mode", "more", "clear"];

// What tells an element from the others of its part of the page, whatever its count or state.
const placeOf = (element) => {
  if (!element || !page.contains(element) || element === page) return null;
  if (element.id) return { id: element.id };
  return {
    within: element.closest("[id]").id,
    group: element.closest(".chips, .pages, .timeline, .kinds, .with, .results")?.classList[0],
    kind: KINDS.find((kind) => element.classList.contains(kind)),
    label: labelOf(element.closest("li")) ?? element.textContent.trim(),
  };
};

const find = ({ id, within, kind, label }) => {
  if (id) return document.getElementById(id);
  const links = [...(document.getElementById(within)?.querySelectorAll("a, summary") ?? [])];
  const same = links.filter((link) => (labelOf(link.closest("li")) ?? link.textContent.trim()) === label);
  // An excluded value has no link to exclude it any more, but it is the same value.
  return same.find((link) => !kind || link.classList.contains(kind)) ?? same[0] ?? (kind && kind !== "value" ? links[0] : null);
};

const focus = (place) => {
  const found = place && (find(place) ?? page.querySelector({ chips: ".chips a", timeline: ".wider a" }[place.group] ?? "#compte"));
  (found ?? page.querySelector("#compte"))?.focus({ preventScroll: true });
  return found;
};

let before; // where the focus was, how high, and whether filters were open
document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { xhr } = detail;
  // A portal that asks who one is answers in the place of the archive: let it have the window.
  if (!xhr.getResponseHeader("HX-Push-Url") && !xhr.getResponseHeader("HX-Replace-Url") && !xhr.responseText.startsWith("<title>")) {
    detail.shouldSwap = false;
    location.assign(asked);
    return;
  }
  detail.isError = false;
  if (detail.target !== trouble) trouble.replaceChildren();
  const { activeElement } = document;
  before = {
    place: placeOf(activeElement),
    top: activeElement?.getBoundingClientRect().top,
    open: page.querySelector(".refine details")?.open,
  };
});

// The same address twice is one step back.
document.body.addEventListener("htmx:beforeHistoryUpdate", ({ detail }) => {
  if (detail.history.path === location.pathname + location.search) detail.history.type = "replace";
});

const settle = () => {
  const count = document.getElementById("compte");
  document.getElementById("dit").textContent = count?.textContent ?? "";
  for (const field of form.querySelectorAll("input[type=hidden]")) field.remove(); // what completion added
  const q = new URLSearchParams(location.search).get("q") ?? "";
  if (form.q.value.trim() !== q) form.q.value = q;
  const languages = document.querySelector(".languages [name=page]");
  if (languages) languages.value = location.pathname + location.search;
  for (const [rel, link] of [["prev", ".pages .previous"], ["next", ".pages .next"], ["alternate", ".taking p:last-child a"]]) {
    const href = page.querySelector(link)?.getAttribute("href");
    const told = document.head.querySelector(`link[rel=${rel}]`);
    if (!href) told?.remove();
    else (told ?? document.head.appendChild(Object.assign(document.createElement("link"), { rel }))).setAttribute("href", href);
  }
};

document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (!before || !detail.target || detail.target === trouble) return;
  const { place, top, open } = before;
  before = null;
  if (detail.target !== page) return;
  const refine = page.querySelector(".refine details");
  if (refine && open) refine.open = true;
  settle();
  if (toTop) {
    if (place) document.getElementById("compte")?.focus({ preventScroll: true });
    if (scrollY > page.offsetTop) scrollTo(0, 0);
  } else if (place) {
    const found = focus(place);
    // What was ticked stays under the pointer, though what stands above it is longer or shorter now.
    if (found && find(place) === found) scrollBy(0, found.getBoundingClientRect().top - top);
  }
});

// -- back and forward -------------------------------------------------------------------------------------------------

addEventListener("popstate", () => htmx.trigger(page, "htmx:abort"), true);
document.body.addEventListener("htmx:beforeHistorySave", () => {
  for (const field of page.querySelectorAll(".inside [type=search]")) field.setAttribute("value", field.value);
});
document.body.addEventListener("htmx:historyItemCreated", ({ detail }) => {
  detail.item.place = placeOf(document.activeElement);
});
document.body.addEventListener("htmx:historyRestore", ({ detail }) => {
  page.removeAttribute("aria-busy");
  trouble.replaceChildren();
  settle();
  if (detail.item?.place) focus(detail.item.place);
});
// htmx scrolls where the reader was; the browser would too, and first, over what is about to go.
addEventListener("pagehide", () => { history.scrollRestoration = "auto"; });
document.body.addEventListener("htmx:pushedIntoHistory", () => { history.scrollRestoration = "manual"; });

// Who signs out leaves no page behind in this window.
document.querySelector(".who + a")?.addEventListener("click", () => sessionStorage.clear());

// -- while it is asked, and when no answer comes ----------------------------------------------------------------------

// No answer is told on the page, or wanted no more: nothing to write to the console.
htmx.logger = (_element, _name, detail) => {
  if (detail.xhr && !detail.xhr.status) delete detail.error;
};
document.body.addEventListener("htmx:beforeRequest", () => page.setAttribute("aria-busy", "true"));
document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.pathInfo.requestPath === asked) page.removeAttribute("aria-busy");
});
for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.body.addEventListener(failure, () => {
    trouble.replaceChildren(document.getElementById("coupure").content.cloneNode(true));
    trouble.querySelector(".again").setAttribute("href", asked);
    trouble.scrollIntoView({ block: "nearest" });
  });
}

// -- a phone's filters ------------------------------------------------------------------------------------------------

// "Voir les résultats" closes them.
const close = (link) => {
  const refine = page.querySelector(".refine details");
  if (link.closest(".to-results") && refine) refine.open = false;
};

// -- keys -------------------------------------------------------------------------------------------------------------

const step = (by) => {
  const results = [...page.querySelectorAll(".results > li")];
  const at = results.findIndex((result) => result.contains(document.activeElement));
  const next = at < 0 ? results.find((result) => result.getBoundingClientRect().top >= 0) : results[at + by];
  if (!next) return false;
  next.querySelector("h3 a").focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
};
onKey("j", () => step(1));
onKey("k", () => step(-1));
onKey("s", () => {
  const alert = page.querySelector(".follow a");
  if (!alert) return false;
  alert.click();
});
