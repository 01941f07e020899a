// From one word found to the next: n and p do what the arrows of the anchor aimed at do without any script.
import { onKey } from "./keys.js";

const hits = document.querySelectorAll(".hit");
for (const keys of document.querySelectorAll(".found .keys")) keys.hidden = !hits.length;

const go = (step) => () => {
  if (!hits.length) return false;
  const at = Number(/^#hit-(\d+)$/.exec(location.hash)?.[1] ?? (step > 0 ? 0 : 1));
  const next = ((at - 1 + step + hits.length) % hits.length) + 1;
  // Replaced, not added: one step back leads to the search, however many words were visited.
  location.replace(`#hit-${next}`);
};

onKey("n", go(1));
onKey("p", go(-1));
