// Keys that do something when pressed alone, in one place: they can be turned off, all at once and for good, by whoever
// dictates or leans on a key (WCAG 2.1.4), and the list of them is a dialog that `?` opens.
//
// A page's script joins in by two steps:
//
//   import { onKey } from "./keys.js";                          <script type="module" src=…>
//   onKey("n", () => { … });                                    return false: the key was not for you
//
// and its template says what the key does, in the reader's language, by filling base.html's block `keys`:
//
//   {% block keys %}{{ super() }}<dt><kbd>n</kbd></dt><dd>{{ _("Occurrence suivante") }}</dd>{% endblock %}

const KEPT = "depeches-touches";
const actions = new Map();

const kept = {
  get off() {
    try { return localStorage.getItem(KEPT) === "non"; } catch { return false; }
  },
  set off(value) {
    try { value ? localStorage.setItem(KEPT, "non") : localStorage.removeItem(KEPT); } catch { /* kept for this page alone */ }
  },
};
let off = kept.off;

/** Calls `action` when the key is pressed alone: not with Ctrl, not while typing, not when keys are turned off. */
export const onKey = (key, action) => {
  actions.set(key, action);
};

/** Whether keys are on: a page that tells of a key shows it only then. */
export const areOn = () => !off;

const isTyping = (where) =>
  where.isContentEditable || ["TEXTAREA", "SELECT"].includes(where.tagName) ||
  (where.tagName === "INPUT" && !["checkbox", "radio", "button", "submit"].includes(where.type));

const dialog = document.getElementById("touches");

document.addEventListener("keydown", (event) => {
  if (off || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (isTyping(event.target) || dialog?.open) return;
  const action = actions.get(event.key.length === 1 ? event.key.toLowerCase() : event.key);
  if (action && action(event) !== false) event.preventDefault();
});

onKey("/", () => {
  const box = document.getElementById("q");
  if (!box) return false;
  box.focus();
  box.select();
});

if (dialog) {
  const opener = document.getElementById("touches-liste");
  const open = () => dialog.showModal();
  opener.hidden = false;
  opener.addEventListener("click", open);
  onKey("?", open);
  // A click beside it is on the dialog itself, a click in it on what it holds.
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  const choice = dialog.querySelector("input");
  const tell = () => document.documentElement.toggleAttribute("data-no-keys", off);
  choice.checked = !off;
  tell();
  choice.addEventListener("change", () => {
    kept.off = off = !choice.checked;
    tell();
  });
}
