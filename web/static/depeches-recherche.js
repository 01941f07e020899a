/* <depeches-recherche>: a portal's page searches the archive. One file, no dependencies; docs/portail.md says how.

   Whatever comes from the archive is put into the page as text. Of markup only <mark> is made, node by node. */

const HOME = new URL("..", import.meta.url).href.replace(/\/$/, "");

// Seconds an answer may take, and before its end a token is replaced.
const PATIENCE = 20;
const EARLY = 30;

// Seconds the archive may ask to wait before it answers again; what waits longer is for the reader to ask again.
const LONGEST_WAIT = 120;

// Values of a facet listed at first, and on demand.
const FEW = 6;
const MANY = 40;

const PATH = " > ";

const TEXTS = {
  fr: {
    label: "Chercher dans les dépêches",
    search: "Chercher",
    loading: "Recherche en cours…",
    results: "Dépêches",
    found: (n, q) => `${number("fr", n)}\u00a0dépêche${n < 2 ? "" : "s"}${q ? ` pour «\u00a0${q}\u00a0»` : ""}`,
    shown: (n, total) => `${number("fr", n)} affichées sur ${number("fr", total)}`,
    nothing: "Aucune dépêche ne répond à cette recherche.",
    nothingHelp: "Essayez d’autres mots, une période plus longue ou moins de filtres.",
    meant: "Vouliez-vous dire\u00a0:",
    more: "Afficher la suite",
    sort: "Trier par",
    sorts: { relevance: "pertinence", newest: "plus récentes", oldest: "plus anciennes" },
    refine: "Affiner",
    filters: "Filtres en vigueur",
    remove: (what) => `Retirer le filtre ${what}`,
    clear: "Retirer tous les filtres",
    except: "sauf",
    period: "Période",
    from: "Du",
    to: "Au",
    open: (what) => `Déplier ${what}`,
    close: (what) => `Replier ${what}`,
    moreValues: "Plus de valeurs",
    fewerValues: "Moins de valeurs",
    facets: { actor: "Acteurs", speaker: "Parole de", venue: "Lieux", topic: "Sujets", agency: "Agences", place: "Lieux cités", status: "État" },
    derived: "titre reconstitué",
    status: { superseded: "remplacée", corrected: "corrigée depuis", withdrawn: "annulée" },
    undated: "date inconnue",
    retry: "Réessayer",
    instead: (what) => `Chercher ${what}`,
    colon: "\u00a0: ",
    waiting: (n) => `La recherche reprend d’elle-même dans ${number("fr", n)}\u00a0seconde${n < 2 ? "" : "s"}.`,
    errors: {
      network: ["L’archive ne répond pas.", "Vérifiez votre connexion, puis réessayez. Si cela dure, prévenez le responsable de cette page."],
      token: ["Cette page n’a pas accès à l’archive.", "Rechargez-la\u00a0; si cela ne suffit pas, prévenez son responsable."],
      400: ["Cette recherche n’a pas été comprise.", ""],
      404: ["L’archive n’est pas à l’adresse indiquée.", "Prévenez le responsable de cette page."],
      429: ["Trop de recherches à la fois.", "Patientez quelques instants, puis réessayez."],
      500: ["L’archive a rencontré une erreur.", "Réessayez dans quelques instants."],
      503: ["L’archive est indisponible pour le moment.", "Réessayez dans quelques instants."],
      504: ["La recherche prend trop de temps.", "Réessayez, ou choisissez une période plus courte."],
    },
  },
  en: {
    label: "Search the dispatches",
    search: "Search",
    loading: "Searching…",
    results: "Dispatches",
    found: (n, q) => `${number("en", n)} ${n === 1 ? "dispatch" : "dispatches"}${q ? ` for “${q}”` : ""}`,
    shown: (n, total) => `${number("en", n)} of ${number("en", total)} shown`,
    nothing: "No dispatch matches this search.",
    nothingHelp: "Try other words, a longer period or fewer filters.",
    meant: "Did you mean:",
    more: "Show more",
    sort: "Sort by",
    sorts: { relevance: "relevance", newest: "newest first", oldest: "oldest first" },
    refine: "Refine",
    filters: "Filters in force",
    remove: (what) => `Remove the filter ${what}`,
    clear: "Remove all filters",
    except: "except",
    period: "Period",
    from: "From",
    to: "To",
    open: (what) => `Expand ${what}`,
    close: (what) => `Collapse ${what}`,
    moreValues: "More values",
    fewerValues: "Fewer values",
    facets: { actor: "Actors", speaker: "Quoted", venue: "Venues", topic: "Topics", agency: "Agencies", place: "Places", status: "Status" },
    derived: "title reconstructed",
    status: { superseded: "superseded", corrected: "since corrected", withdrawn: "withdrawn" },
    undated: "unknown date",
    retry: "Try again",
    instead: (what) => `Search ${what}`,
    colon: ": ",
    waiting: (n) => `The search goes on by itself in ${number("en", n)} ${n === 1 ? "second" : "seconds"}.`,
    errors: {
      network: ["The archive does not answer.", "Check your connection, then try again. If it lasts, tell whoever runs this page."],
      token: ["This page has no access to the archive.", "Reload it; if that is not enough, tell whoever runs it."],
      400: ["This search was not understood.", ""],
      404: ["There is no archive at the address given.", "Tell whoever runs this page."],
      429: ["Too many searches at once.", "Wait a moment, then try again."],
      500: ["The archive met with an error.", "Try again in a moment."],
      503: ["The archive is not available for now.", "Try again in a moment."],
      504: ["The search takes too long.", "Try again, or choose a shorter period."],
    },
  },
};

// Each colour may be changed from outside; what stands here has a contrast of 4.5 or more for letters, 3 for edges.
const STYLE = `
:host {
  --_ink: var(--depeches-ink, #1f1e1b); --_quiet: var(--depeches-quiet, #645f56); --_paper: var(--depeches-paper, #fbfaf6);
  --_field: var(--depeches-field, #fff); --_rule: var(--depeches-rule, #dfdbd0); --_edge: var(--depeches-edge, #8b867b);
  --_accent: var(--depeches-accent, #1d5c43); --_on-accent: var(--depeches-on-accent, #fff); --_tint: var(--depeches-tint, #dcebdd);
  --_radius: var(--depeches-radius, 4px); --_gap: var(--depeches-gap, 1rem);
  --_sans: var(--depeches-font, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif);
  --_serif: var(--depeches-serif, Charter, "Bitstream Charter", "Iowan Old Style", Cambria, Georgia, "Liberation Serif", serif);
  display: block; container-type: inline-size; color: var(--_ink); background: var(--_paper); padding: var(--_gap);
  font: var(--depeches-size, 1rem)/1.5 var(--_sans); text-align: start;
}
/* What a page says of all its elements comes in by inheritance: letters stay as they are read here. */
:host > * {
  color: var(--_ink); font-family: var(--_sans); font-style: normal; font-weight: 400; font-variant: normal; line-height: 1.5;
  letter-spacing: normal; word-spacing: normal; word-break: normal; white-space: normal; cursor: auto; visibility: visible;
  text-align: start; text-indent: 0; text-shadow: none; text-transform: none;
}
:host([hidden]) { display: none; }
:host([theme="dark"]) {
  --_ink: var(--depeches-ink, #e6e3da); --_quiet: var(--depeches-quiet, #a5a195); --_paper: var(--depeches-paper, #171815);
  --_field: var(--depeches-field, #1f211d); --_rule: var(--depeches-rule, #34352f); --_edge: var(--depeches-edge, #7c7a70);
  --_accent: var(--depeches-accent, #93cbaa); --_on-accent: var(--depeches-on-accent, #171815); --_tint: var(--depeches-tint, #294536);
  color-scheme: dark;
}
@media (prefers-color-scheme: dark) {
  :host([theme="auto"]) {
    --_ink: var(--depeches-ink, #e6e3da); --_quiet: var(--depeches-quiet, #a5a195); --_paper: var(--depeches-paper, #171815);
    --_field: var(--depeches-field, #1f211d); --_rule: var(--depeches-rule, #34352f); --_edge: var(--depeches-edge, #7c7a70);
    --_accent: var(--depeches-accent, #93cbaa); --_on-accent: var(--depeches-on-accent, #171815); --_tint: var(--depeches-tint, #294536);
    color-scheme: dark;
  }
}
*, *::before { box-sizing: border-box; }
[hidden] { display: none !important; }
h2, h3, p, ul, ol, fieldset, legend { margin: 0; padding: 0; border: 0; min-width: 0; }
ul, ol { list-style: none; }
button, input, select { font: inherit; color: inherit; }
:focus-visible { outline: 2px solid var(--_accent); outline-offset: 2px; border-radius: 2px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.words { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .3rem 0; max-width: 44rem; }
.words label { grid-column: 1 / -1; font-size: .875em; color: var(--_quiet); }
.words input {
  height: 2.75em; padding: 0 .8em; background: var(--_field); border: 1px solid var(--_edge); border-right: 0; appearance: none;
  border-radius: var(--_radius) 0 0 var(--_radius); min-width: 0;
}
.words button {
  height: 2.75em; padding: 0 1.1em; color: var(--_on-accent); background: var(--_accent); border: 1px solid var(--_accent);
  border-radius: 0 var(--_radius) var(--_radius) 0; cursor: pointer; font-weight: 600;
}
.bar { display: flex; flex-wrap: wrap; gap: .4rem 1.25rem; align-items: baseline; margin-top: var(--_gap); padding-bottom: .5rem; border-bottom: 1px solid var(--_rule); }
.status { flex: 1 1 12rem; font-weight: 600; min-height: 1.5em; }
.bar label { color: var(--_quiet); font-size: .875em; }
select, .dates input { background: var(--_field); border: 1px solid var(--_edge); border-radius: var(--_radius); padding: .25em .4em; min-height: 2.1em; }
.plain { background: none; border: 0; padding: .3em 0; color: var(--_accent); text-decoration: underline; text-underline-offset: .18em; cursor: pointer; text-align: start; font-size: .9375em; }
.note { margin-top: .6rem; font-size: .9375em; color: var(--_quiet); }
.chips { display: flex; flex-wrap: wrap; gap: .4rem; margin-top: .75rem; }
.chip { background: var(--_tint); border: 1px solid transparent; border-radius: 2em; padding: .2em .8em; font-size: .9em; cursor: pointer; text-align: start; }
.chip:hover { border-color: var(--_accent); }
.columns { display: grid; gap: 0 2.5rem; }
.message { margin-top: var(--_gap); padding-left: .9rem; border-left: 3px solid var(--_accent); max-width: 40rem; }
.message strong { display: block; }
.message .plain { margin-right: 1rem; }
.item { padding: 1rem 0; border-bottom: 1px solid var(--_rule); max-width: 42rem; }
.item h3 { font: 600 1.1875em/1.3 var(--_serif); text-wrap: pretty; }
.item a { color: var(--_ink); text-decoration: none; }
.item a:hover { color: var(--_accent); text-decoration: underline; text-underline-offset: .18em; text-decoration-thickness: 1px; }
.derived h3 { font-style: italic; }
.about { display: flex; flex-wrap: wrap; gap: 0 .9em; margin: .25rem 0 .35rem; font-size: .875em; color: var(--_quiet); }
.agency { color: var(--_accent); font-weight: 600; }
.flag { font-style: italic; }
.passage { font-family: var(--_serif); overflow-wrap: break-word; }
.passage + .passage { margin-top: .3rem; }
mark { color: inherit; background: var(--_tint); border-radius: 2px; padding: 0 .1em; margin: 0 -.1em; }
.more { margin-top: 1rem; padding: .5em 1.1em; background: none; border: 1px solid var(--_edge); border-radius: var(--_radius); cursor: pointer; }
.more:hover { border-color: var(--_accent); color: var(--_accent); }
.list[aria-busy="true"] { opacity: .6; transition: opacity 0s .25s; }
@media (prefers-reduced-motion: no-preference) { .list[aria-busy="true"] { transition-duration: .15s; } }
.toggle { justify-self: start; margin-top: .6rem; }
.facets { display: none; padding-top: .5rem; font-size: .9375em; }
.facets.open { display: block; }
.facet { margin-top: 1rem; }
.facet legend { font-weight: 600; padding: 0; margin-bottom: .2rem; }
.value { display: flex; align-items: flex-start; gap: .25rem; padding-left: calc(var(--depth, 0) * 1.1rem); }
.value label { flex: 1; display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: .5rem; padding: .2rem 0; cursor: pointer; overflow-wrap: anywhere; }
.value input { accent-color: var(--_accent); width: 1rem; height: 1rem; margin: .25rem 0 0; }
.count { color: var(--_quiet); font-variant-numeric: tabular-nums; }
.fold { flex: none; width: 1.6rem; height: 1.9rem; padding: 0; background: none; border: 0; color: var(--_quiet); cursor: pointer; }
.fold::before { content: "›"; display: inline-block; font-size: 1.2em; line-height: 1; }
.fold[aria-expanded="true"]::before { transform: rotate(90deg); }
.nofold { flex: none; width: 1.6rem; }
.dates { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .35rem .6rem; align-items: center; }
@container (min-width: 46rem) {
  .columns.two { grid-template-columns: minmax(0, 1fr) 15.5rem; }
  .toggle { display: none; }
  .facets { display: block; grid-column: 2; grid-row: 1 / span 20; }
}
`;

const NAMED = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };

let sheet = null;

function number(lang, value) {
  return new Intl.NumberFormat(lang === "fr" ? "fr-FR" : "en-GB").format(value);
}

/* An element with properties, attributes and children; a child that is a string is text. */
function make(tag, given = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name === "part") node.setAttribute("part", value);
    else if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/* A passage as the API writes it, escaped and with <mark> around what was found, as nodes. */
function marked(passage) {
  return passage.split(/(<mark>.*?<\/mark>)/s).map((piece) => {
    const found = /^<mark>(.*)<\/mark>$/s.exec(piece);
    return found ? make("mark", { part: "mark" }, plain(found[1])) : plain(piece);
  });
}

function plain(escaped) {
  return escaped.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hexadecimal, decimal, name) => {
    if (name) return NAMED[name] ?? whole;
    const code = hexadecimal ? parseInt(hexadecimal, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/* Make a list hold these nodes in this order, moving none that need not move. */
function arrange(list, nodes) {
  let at = list.firstChild;
  for (const node of nodes) {
    if (node === at) at = at.nextSibling;
    else list.insertBefore(node, at);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

class Refusal extends Error {
  /* `after`: seconds until asking again makes sense; 0 when nothing is said. */
  constructor(kind, problem = {}, after = 0) {
    super(problem.detail || kind);
    this.kind = kind;
    this.problem = problem;
    this.after = after;
  }
}

class DepechesRecherche extends HTMLElement {
  static observedAttributes = [
    "server", "query", "filters", "size", "facets", "sort", "group", "lang", "timezone", "token", "token-endpoint",
    "no-form", "label", "target",
  ];

  /* An async function that gives a token, for pages that have their own way to one. */
  getToken = null;

  #parts = null;
  #state = { q: "", filters: new URLSearchParams(), sort: "", under: new Set(), many: new Set() };
  #asking = null;
  #token = null;
  #next = null;
  #hits = [];
  #total = 0;
  #planned = false;
  #waiting = 0;
  #facetNodes = new Map();

  connectedCallback() {
    if (!this.#parts) {
      this.#build();
      this.#preset();
    }
    this.#plan(); // put elsewhere in the page, it goes on where it was
  }

  disconnectedCallback() {
    clearTimeout(this.#waiting);
    this.#asking?.abort();
  }

  attributeChangedCallback(name, before, after) {
    if (!this.#parts || before === after) return;
    if (name === "token" || name === "token-endpoint") this.#token = null;
    if (["query", "filters", "sort", "no-form"].includes(name)) this.#preset();
    if (name === "lang" || name === "label") this.#say();
    this.#plan();
  }

  /* Search for words, with filters as a query string ("actor=Wang+Yi&from=2022-08-01"); left out, they stay. */
  search(q, filters) {
    this.#state.q = q ?? this.#state.q;
    if (filters !== undefined) this.#state.filters = new URLSearchParams(filters);
    this.#parts.input.value = this.#state.q;
    return this.#search();
  }

  get query() { return this.#state.q; }
  get filters() { return this.#state.filters.toString(); }
  get server() { return (this.getAttribute("server") || HOME).replace(/\/+$/, ""); }

  get #lang() {
    const asked = this.lang || this.closest("[lang]")?.lang || "fr";
    return asked.toLowerCase().startsWith("en") ? "en" : "fr";
  }
  get #texts() { return TEXTS[this.#lang]; }
  get #facets() {
    const asked = (this.getAttribute("facets") ?? "actor,venue,topic,period").split(/[\s,]+/).filter(Boolean);
    return asked.filter((name) => name !== "none");
  }

  // -- what is there ---------------------------------------------------------------------------------------------------

  #build() {
    const root = this.attachShadow({ mode: "open" });
    try {
      if (!sheet) {
        sheet = new CSSStyleSheet();
        sheet.replaceSync(STYLE);
      }
      root.adoptedStyleSheets = [sheet]; // which a page's content security policy does not have to allow
    } catch {
      root.append(make("style", {}, STYLE));
    }
    const input = make("input", { type: "search", id: "q", name: "q", part: "input", enterKeyHint: "search", maxLength: 1000, autocomplete: "off", spellcheck: false });
    const label = make("label", { htmlFor: "q", part: "label" });
    const submit = make("button", { type: "submit", part: "button" });
    const form = make("form", { className: "words", part: "form", role: "search" }, label, input, submit);
    const status = make("p", { className: "status", part: "status", role: "status" });
    const sort = make("select", { id: "sort", part: "sort" });
    const sortLabel = make("label", { htmlFor: "sort" });
    const bar = make("div", { className: "bar", part: "bar" }, status, make("span", {}, sortLabel, " ", sort));
    const notes = make("div", { part: "notes" });
    const chips = make("ul", { className: "chips", part: "chips", hidden: true });
    const toggle = make("button", { type: "button", className: "plain toggle", part: "refine", "aria-expanded": "false", "aria-controls": "facets" });
    const message = make("div", { className: "message", part: "message", role: "alert", hidden: true });
    const heading = make("h2", { className: "unseen" });
    const list = make("ol", { className: "list", part: "results" });
    const more = make("button", { type: "button", className: "more", part: "more", hidden: true });
    const facets = make("div", { id: "facets", className: "facets", part: "facets", role: "group" });
    const results = make("div", {}, message, heading, list, more);
    const columns = make("div", { className: "columns" }, toggle, facets, results);
    root.append(form, bar, chips, notes, columns);
    this.#parts = { form, label, input, submit, status, sort, sortLabel, notes, chips, toggle, message, heading, list, more, facets, columns };

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.search(input.value.trim());
    });
    sort.addEventListener("change", () => {
      this.#state.sort = sort.value;
      this.#search();
    });
    toggle.addEventListener("click", () => {
      toggle.setAttribute("aria-expanded", String(facets.classList.toggle("open")));
    });
    more.addEventListener("click", () => this.#more());
    list.addEventListener("click", (event) => this.#opening(event));
    this.#say();
  }

  #preset() {
    this.#state.q = this.getAttribute("query") ?? "";
    this.#state.filters = new URLSearchParams(this.getAttribute("filters") ?? "");
    this.#state.sort = this.getAttribute("sort") ?? "";
    this.#parts.input.value = this.#state.q;
    this.#parts.form.hidden = this.#parts.sort.parentNode.hidden = this.hasAttribute("no-form");
  }

  /* What does not change with the answer, in the reader's language. */
  #say() {
    const { label, submit, sortLabel, toggle, heading, more, facets } = this.#parts;
    const texts = this.#texts;
    label.textContent = this.getAttribute("label") || texts.label;
    submit.textContent = texts.search;
    sortLabel.textContent = texts.sort;
    this.#sorts();
    toggle.textContent = texts.refine;
    heading.textContent = texts.results;
    more.textContent = texts.more;
    facets.setAttribute("aria-label", texts.refine);
    this.shadowRoot.querySelector("form").lang = this.#lang;
    this.#facetNodes.clear();
    facets.replaceChildren();
  }

  /* The orders there are: by relevance only where there are words. The usual one has no value: it follows the words. */
  #sorts() {
    const { sort } = this.#parts;
    const usual = this.#state.q ? "relevance" : "newest";
    const offered = Object.entries(this.#texts.sorts).filter(([value]) => value !== "relevance" || usual === value);
    sort.replaceChildren(...offered.map(([value, text]) => make("option", { value: value === usual ? "" : value }, text)));
    sort.value = this.#state.sort === usual ? "" : this.#state.sort;
    if (sort.selectedIndex < 0) sort.value = "";
  }

  #plan() {
    if (this.#planned) return;
    this.#planned = true;
    queueMicrotask(() => {
      this.#planned = false;
      if (this.isConnected) this.#search();
    });
  }

  // -- asking ----------------------------------------------------------------------------------------------------------

  #asked() {
    const { q, filters, sort, under, many } = this.#state;
    const asked = new URLSearchParams(filters);
    if (q) asked.set("q", q);
    if (sort) asked.set("sort", sort);
    asked.set("size", this.getAttribute("size") || "10");
    if (this.getAttribute("group")) asked.set("group", this.getAttribute("group"));
    const counted = this.#facets.filter((name) => name !== "period");
    asked.set("facets", counted.join(",") || "none");
    if (counted.length) asked.set("facet_size", String(many.size ? MANY : FEW));
    for (const level of under) asked.append(...level);
    return asked;
  }

  async #search() {
    const { q, filters } = this.#state;
    if (!this.#tell("depeches-search", { q, filters: filters.toString() }, true)) return;
    this.#next = null;
    const answer = await this.#answer(this.#asked(), () => this.#search());
    if (!answer) return;
    this.#hits = answer.results;
    this.#total = answer.total.value;
    this.#show(answer);
    this.#tell("depeches-results", { q, filters: filters.toString(), total: this.#total, results: this.#hits, facets: answer.facets });
  }

  async #more() {
    const asked = this.#asked();
    asked.set("cursor", this.#next);
    asked.set("facets", "none");
    asked.delete("facet_size");
    const answer = await this.#answer(asked, () => this.#more());
    if (!answer) return;
    const { list, message } = this.#parts;
    message.hidden = true;
    const first = list.childElementCount;
    list.append(...answer.results.map((hit) => this.#item(hit)));
    this.#hits = this.#hits.concat(answer.results);
    this.#paging(answer);
    this.#status(`${this.#texts.found(this.#total, this.#state.q)}, ${this.#texts.shown(this.#hits.length, this.#total)}`);
    list.children[first]?.querySelector("a").focus();
    this.#tell("depeches-results", { q: this.#state.q, filters: this.filters, total: this.#total, results: this.#hits, facets: null });
  }

  /* The answer to a search; null when another took its place or it failed, which is shown. `again` does it later. */
  async #answer(asked, again) {
    const { list } = this.#parts;
    clearTimeout(this.#waiting);
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    const late = setTimeout(() => this.#status(this.#texts.loading), 400);
    list.setAttribute("aria-busy", "true");
    try {
      const answer = await this.#ask("/api/v1/dispatches", asked, asking.signal);
      if (asking !== this.#asking) return null;
      return answer;
    } catch (error) {
      if (asking === this.#asking && this.isConnected) {
        const refusal = error instanceof Refusal ? error : new Refusal("network", { detail: String(error) });
        if (refusal.kind === 429 && refusal.after > 0 && refusal.after <= LONGEST_WAIT) this.#wait(refusal, again);
        else this.#refused(refusal);
      }
      return null;
    } finally {
      clearTimeout(late);
      if (asking === this.#asking) list.removeAttribute("aria-busy");
    }
  }

  async #ask(path, asked, signal, renewed = false) {
    const token = await this.#shown(renewed);
    const limit = new AbortController();
    const stop = () => limit.abort();
    signal.addEventListener("abort", stop);
    const late = setTimeout(stop, PATIENCE * 1000);
    let response;
    let body = null;
    try {
      response = await fetch(`${this.server}${path}?${asked}`, {
        headers: token ? { Authorization: `Bearer ${token}` } : {},
        credentials: "omit",
        referrerPolicy: "no-referrer",
        signal: limit.signal,
      });
      body = await response.json().catch(() => null);
    } catch (error) {
      throw new Refusal(limit.signal.aborted && !signal.aborted ? 504 : "network", { detail: String(error) });
    } finally {
      clearTimeout(late);
      signal.removeEventListener("abort", stop);
    }
    if (response.ok && body) return body;
    if (response.status === 401 && token && !renewed && this.#renewable) return this.#ask(path, asked, signal, true);
    const status = response.ok ? 500 : response.status;
    const after = Number(response.headers.get("Retry-After")) || 0;
    throw new Refusal(status === 401 || status === 403 ? "token" : status, body ?? { status }, after);
  }

  // -- tokens ----------------------------------------------------------------------------------------------------------

  get #renewable() { return Boolean(this.getToken || this.getAttribute("token-endpoint")); }

  /* The token to show, "" for none. Those who ask at once wait for the same. */
  async #shown(renew) {
    if (!this.#renewable) return this.getAttribute("token") ?? "";
    const over = this.#token?.until && Date.now() > this.#token.until;
    if (!this.#token || renew || over) this.#token = { given: this.#given(), until: 0 };
    const mine = this.#token;
    try {
      const { token, expires_in: seconds } = await mine.given;
      if (seconds && !mine.until) mine.until = Date.now() + Math.max(seconds - EARLY, seconds / 2) * 1000;
      return token;
    } catch (error) {
      if (this.#token === mine) this.#token = null;
      throw new Refusal("token", { detail: String(error), code: "jeton" });
    }
  }

  async #given() {
    let given;
    if (this.getToken) {
      given = await this.getToken();
    } else {
      const address = new URL(this.getAttribute("token-endpoint"), document.baseURI);
      const response = await fetch(address, { headers: { Accept: "application/json" }, cache: "no-store", credentials: "same-origin" });
      if (!response.ok) throw new Error(`${address.pathname}: ${response.status}`);
      given = await response.text();
    }
    if (typeof given === "string" && given.trim().startsWith("{")) given = JSON.parse(given);
    if (typeof given === "string") given = { token: given.trim() };
    if (!given?.token) throw new Error("token");
    return given;
  }

  // -- showing ---------------------------------------------------------------------------------------------------------

  #show(answer) {
    const { list, message, notes } = this.#parts;
    const texts = this.#texts;
    message.hidden = true;
    message.replaceChildren();
    list.replaceChildren(...this.#hits.map((hit) => this.#item(hit)));
    notes.replaceChildren(...answer.query.warnings.map((text) => make("p", { className: "note", part: "note", lang: "fr" }, text)));
    const meant = answer.suggestions.did_you_mean;
    if (meant) notes.append(make("p", { className: "note", part: "note" }, texts.meant, " ", this.#way(meant, () => this.#instead(meant, this.filters))));
    if (!this.#total) {
      const ways = answer.suggestions.instead.map((way) =>
        make("li", {}, this.#way(`${way.label} (${texts.found(way.count)})`, () => this.#instead(way.params.q?.[0] ?? "", pairs(way.params)), "fr"))
      );
      if (this.filters) ways.push(make("li", {}, this.#way(texts.clear, () => this.#instead(this.#state.q, ""))));
      notes.append(make("p", { className: "note", part: "empty" }, texts.nothingHelp), make("ul", { part: "instead" }, ...ways));
    }
    this.#paging(answer);
    this.#sorts();
    this.#chips();
    this.#refine(answer.facets);
    this.#status(this.#total ? texts.found(this.#total, this.#state.q) : texts.nothing);
  }

  #status(text) {
    if (this.#parts.status.textContent !== text) this.#parts.status.textContent = text;
  }

  #paging(answer) {
    this.#next = answer.page.next;
    this.#parts.more.hidden = !this.#next || this.hasAttribute("no-more");
  }

  #way(text, act, lang) {
    const button = make("button", { type: "button", className: "plain", part: "way", ...(lang ? { lang } : {}) }, text);
    button.addEventListener("click", act);
    return button;
  }

  /* Search something else; what was clicked goes away, so that the reader is led to the words. */
  #instead(q, filters) {
    this.#parts.input.focus({ preventScroll: true });
    this.search(q, filters);
  }

  #item(hit) {
    const texts = this.#texts;
    const passages = hit.highlights.body.length ? hit.highlights.body.map(marked) : hit.lead ? [[hit.lead]] : [];
    const flags = [];
    if (hit.status !== "current") flags.push(texts.status[hit.status] ?? hit.status);
    if (hit.title_derived) flags.push(texts.derived);
    const words = this.#state.q ? `?${new URLSearchParams({ q: this.#state.q })}` : "";
    const link = make("a", { part: "link", href: `${this.server}/depeches/${encodeURIComponent(hit.id)}${words}` },
      ...(hit.highlights.title ? marked(hit.highlights.title) : [hit.title]));
    link.dataset.id = hit.id;
    if (this.getAttribute("target")) Object.assign(link, { target: this.getAttribute("target"), rel: "noopener" });
    const venue = hit.venues[0]?.split(PATH).at(-1);
    return make("li", { className: `item${hit.title_derived ? " derived" : ""}`, part: "item" },
      make("h3", { part: "title", lang: "fr" }, link),
      make("p", { className: "about", part: "about" },
        hit.agency ? make("span", { className: "agency", part: "agency" }, hit.agency) : null,
        this.#date(hit),
        venue ? make("span", {}, venue) : null,
        ...flags.map((flag) => make("span", { className: "flag", part: "flag" }, flag))),
      ...passages.slice(0, 3).map((nodes) => make("p", { className: "passage", part: "passage", lang: "fr" }, ...nodes)));
  }

  /* The date as precisely as it is known, in the archive's time zone. */
  #date(hit) {
    const known = hit.published && hit.date_precision !== "unknown";
    if (!known) return make("span", { part: "date" }, hit.date_text || this.#texts.undated);
    const asked = { year: "numeric" };
    if (hit.date_precision !== "year") asked.month = "long";
    if (["day", "minute"].includes(hit.date_precision)) asked.day = "numeric";
    if (hit.date_precision === "minute") Object.assign(asked, { hour: "2-digit", minute: "2-digit" });
    const moment = new Date(hit.published);
    let text;
    try {
      text = new Intl.DateTimeFormat(this.#lang === "fr" ? "fr-FR" : "en-GB", { ...asked, timeZone: this.getAttribute("timezone") || "Europe/Paris" }).format(moment);
    } catch {
      text = hit.published.slice(0, 10);
    }
    return make("time", { part: "date", dateTime: hit.published }, text);
  }

  /* Too many searches for now: what is shown stays, and the search goes on by itself when it may. */
  #wait(refusal, again) {
    const { message } = this.#parts;
    const texts = this.#texts;
    message.replaceChildren(make("strong", {}, texts.errors[429][0]), make("p", {}, texts.waiting(refusal.after)));
    message.hidden = false;
    this.#status("");
    // Not all readers of a page at the same moment.
    this.#waiting = setTimeout(again, (refusal.after + Math.random()) * 1000);
    this.#failed(refusal);
  }

  #refused(refusal) {
    const { message, notes, chips, list, more } = this.#parts;
    const texts = this.#texts;
    const { kind, problem } = refusal;
    if (kind === "token") this.#token = null;
    const [what, help] = texts.errors[kind] ?? texts.errors[kind >= 500 ? 500 : 400];
    // The archive says in French what is wrong with a request; of the rest, what a reader can do.
    const detail = kind === 400 ? problem.detail : null;
    const ways = [];
    if (problem.suggestion && problem.code === "syntaxe") ways.push(this.#way(texts.instead(problem.suggestion), () => this.#instead(problem.suggestion, this.filters)));
    if (kind === 400 && this.filters) ways.push(this.#way(texts.clear, () => this.#instead(this.#state.q, "")));
    if (kind !== 400) ways.push(this.#way(texts.retry, () => this.#instead(this.#state.q, this.filters)));
    message.replaceChildren(make("strong", {}, what), ...(detail ? [make("p", { lang: "fr" }, detail)] : []),
      ...(help ? [make("p", {}, help)] : []), make("p", {}, ...ways));
    message.hidden = false;
    list.replaceChildren();
    notes.replaceChildren();
    more.hidden = true;
    this.#hits = [];
    this.#status("");
    if (kind === 400) this.#chips();
    else chips.hidden = true;
    this.#failed(refusal);
  }

  #failed({ kind, problem }) {
    this.#tell("depeches-error", { status: problem.status ?? null, code: problem.code ?? String(kind), detail: problem.detail ?? "", position: problem.position ?? null });
  }

  // -- filters ---------------------------------------------------------------------------------------------------------

  #label(facet, told) { return this.#texts.facets[facet] ?? told ?? facet; }

  #chips() {
    const { chips, input } = this.#parts;
    const texts = this.#texts;
    const found = [...this.#state.filters].flatMap(([name, value]) => {
      const [facet, role] = name.split(".");
      if (["from", "to"].includes(name)) return [[name, value, `${texts[name]} ${value}`]];
      if (!(facet in texts.facets) || !["", "all", "not"].includes(role ?? "")) return [];
      return [[name, value, `${this.#label(facet)}${role === "not" ? ` ${texts.except}` : ""}${texts.colon}${value.split(PATH).at(-1)}`]];
    });
    chips.replaceChildren(...found.map(([name, value, text], place) => {
      const button = make("button", { type: "button", className: "chip", part: "chip", "aria-label": texts.remove(text) }, text, make("span", { "aria-hidden": "true" }, " ×"));
      button.addEventListener("click", () => {
        this.#drop(name, value);
        this.#search().then(() => (chips.querySelectorAll("button")[Math.min(place, found.length - 2)] ?? input).focus({ preventScroll: true }));
      });
      return make("li", {}, button);
    }));
    chips.setAttribute("aria-label", texts.filters);
    chips.hidden = !found.length;
  }

  #drop(name, value) {
    const kept = [...this.#state.filters].filter(([each, its]) => !(each === name && its === value));
    this.#state.filters = new URLSearchParams(kept);
  }

  /* Tick or untick a value. In a path, a level takes the place of those above and below it. */
  #tick(facet, value) {
    const names = [facet, `${facet}.all`];
    const filters = [...this.#state.filters];
    const ticked = filters.some(([name, its]) => names.includes(name) && its === value);
    const branch = (its) => its === value || its.startsWith(value + PATH) || value.startsWith(its + PATH);
    const kept = filters.filter(([name, its]) => !(names.includes(name) && (ticked ? its === value : name === facet ? branch(its) : its === value)));
    if (!ticked) kept.push([facet, value]);
    this.#state.filters = new URLSearchParams(kept);
    this.#search();
  }

  #refine(facets) {
    const { facets: panel, columns, toggle } = this.#parts;
    const focused = this.shadowRoot.activeElement;
    const wanted = this.#facets.filter((name) => name === "period" || facets[name]?.values.length);
    const sets = wanted.map((name) => (name === "period" ? this.#period() : this.#facet(name, facets[name])));
    arrange(panel, sets);
    columns.classList.toggle("two", sets.length > 0);
    toggle.hidden = panel.hidden = !sets.length;
    if (focused && focused.isConnected && this.shadowRoot.activeElement !== focused) focused.focus({ preventScroll: true });
  }

  #facet(name, facet) {
    let known = this.#facetNodes.get(name);
    if (!known) {
      const list = make("ul");
      const more = make("button", { type: "button", className: "plain", part: "facet-more" });
      more.addEventListener("click", () => {
        const { many } = this.#state;
        if (!many.delete(name)) many.add(name);
        this.#search();
      });
      known = { list, more, values: new Map(), set: make("fieldset", { className: "facet", part: "facet" }, make("legend", { part: "facet-label" }, this.#label(name, facet.label)), list, more) };
      this.#facetNodes.set(name, known);
    }
    const many = this.#state.many.has(name);
    const tree = facet.values.some((value) => value.children || value.depth);
    const shown = tree || many ? facet.values : facet.values.filter((value, place) => place < FEW || value.selected);
    arrange(known.list, shown.map((value) => this.#value(name, known.values, value, tree)));
    known.more.hidden = !many && !facet.other;
    known.more.textContent = many ? this.#texts.fewerValues : this.#texts.moreValues;
    known.more.setAttribute("aria-expanded", String(many));
    return known.set;
  }

  #value(facet, known, value, tree) {
    let node = known.get(value.value);
    if (!node) {
      const text = tree ? value.value.split(PATH).at(-1) : value.label;
      const box = make("input", { type: "checkbox", part: "checkbox" });
      const count = make("span", { className: "count", part: "count" });
      const fold = make("button", { type: "button", className: "fold", part: "fold" });
      const gap = make("span", { className: "nofold" });
      node = make("li", { className: "value", part: "value" }, make("label", {}, box, make("span", {}, text), count), fold, gap);
      node.style.setProperty("--depth", value.depth);
      box.addEventListener("change", () => this.#tick(facet, value.value));
      fold.addEventListener("click", () => {
        const { under } = this.#state;
        const open = [...under].find(([name, level]) => name === `${facet}.under` && level === value.value);
        if (open) under.delete(open);
        else under.add([`${facet}.under`, value.value]);
        this.#search();
      });
      Object.assign(node, { box, count, fold, gap, text });
      known.set(value.value, node);
    }
    const open = Boolean(value.inside);
    node.box.checked = value.selected;
    node.count.textContent = number(this.#lang, value.count);
    node.fold.hidden = !value.children;
    node.gap.hidden = value.children || !tree;
    node.fold.setAttribute("aria-expanded", String(open));
    node.fold.setAttribute("aria-label", (open ? this.#texts.close : this.#texts.open)(node.text));
    return node;
  }

  #period() {
    let known = this.#facetNodes.get("period");
    if (!known) {
      const ends = ["from", "to"].map((name) => {
        const input = make("input", { type: "date", id: name, part: "date-input" });
        input.addEventListener("change", () => {
          this.#state.filters.delete(name);
          if (input.value) this.#state.filters.set(name, input.value);
          this.#search();
        });
        return { name, input, label: make("label", { htmlFor: name }, this.#texts[name]) };
      });
      const set = make("fieldset", { className: "facet", part: "facet" }, make("legend", { part: "facet-label" }, this.#texts.period),
        make("div", { className: "dates" }, ...ends.flatMap(({ label, input }) => [label, input])));
      known = { set, ends };
      this.#facetNodes.set("period", known);
    }
    for (const { name, input } of known.ends) {
      const value = (this.#state.filters.get(name) ?? "").slice(0, 10);
      if (input.value !== value && this.shadowRoot.activeElement !== input) input.value = value;
    }
    return known.set;
  }

  // -- the page around -------------------------------------------------------------------------------------------------

  #opening(event) {
    const link = event.target.closest?.("a[data-id]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const dispatch = this.#hits.find((hit) => hit.id === link.dataset.id);
    if (!this.#tell("depeches-open", { id: dispatch.id, url: link.href, dispatch }, true)) event.preventDefault();
  }

  /* Tell the page; false when it said that it sees to it itself. */
  #tell(name, detail, cancelable = false) {
    return this.dispatchEvent(new CustomEvent(name, { detail, cancelable, bubbles: true, composed: true }));
  }
}

function pairs(params) {
  const found = new URLSearchParams();
  for (const [name, values] of Object.entries(params)) if (name !== "q") for (const value of values) found.append(name, value);
  return found.toString();
}

if (!customElements.get("depeches-recherche")) customElements.define("depeches-recherche", DepechesRecherche);
