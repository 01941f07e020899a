// From one word found to the next: n and p do what the arrows of the anchor aimed at do without any script.
"use strict";

(() => {
  const hits = document.querySelectorAll(".hit");
  if (!hits.length) return;
  for (const keys of document.querySelectorAll(".found .keys")) keys.hidden = false;

  const isTyping = (where) => where.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(where.tagName);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || isTyping(event.target)) return;
    const step = { n: 1, p: -1 }[event.key.toLowerCase()];
    if (!step) return;
    event.preventDefault();
    const at = Number(/^#hit-(\d+)$/.exec(location.hash)?.[1] ?? (step > 0 ? 0 : 1));
    const next = ((at - 1 + step + hits.length) % hits.length) + 1;
    // Replaced, not added: one step back leads to the search, however many words were visited.
    location.replace(`#hit-${next}`);
  });
})();
