// From a list to its dispatches one after another: the one before and the one after, and which of how many this is.
//
// A list that is left by one of its links is remembered by the window, not by any address: what is shared or kept leads to
// the dispatch alone, and without scripts the way is back to the list.
import { onKey } from "./keys.js";

const KEPT = "depeches-liste";
const pathOf = (link) => link.pathname + link.search;

document.addEventListener("click", (event) => {
  const list = event.target.closest?.(".results article a")?.closest(".results");
  if (!list) return;
  const addresses = [...list.querySelectorAll("h3 a")].map(pathOf);
  try { sessionStorage.setItem(KEPT, JSON.stringify(addresses)); } catch { /* the way back is there all the same */ }
});

const way = document.querySelector(".neighbours");
if (way) {
  let list = [];
  try { list = JSON.parse(sessionStorage.getItem(KEPT)) ?? []; } catch { /* none */ }
  const at = list.indexOf(pathOf(location));
  const lead = (key, rel, address) => {
    const link = way.querySelector(`[rel=${rel}]`);
    link.hidden = !address;
    if (!address) return;
    link.href = address;
    onKey(key, () => link.click());
  };
  if (at >= 0 && list.length > 1) {
    lead("k", "prev", list[at - 1]);
    lead("j", "next", list[at + 1]);
    const told = way.querySelector(".at");
    told.textContent = told.dataset.told.replace("{at}", at + 1).replace("{all}", list.length);
    for (const each of document.querySelectorAll(".neighbours, .neighbours-keys")) each.hidden = false;
  }
}
