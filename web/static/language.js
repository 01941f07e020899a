// A page that the browser kept, or that htmx did, speaks the language of its day: going back after another was chosen, it
// is asked for again.
"use strict";
(() => {
  const SPOKEN = "depeches-langue";
  const here = document.documentElement.lang;
  try {
    if (sessionStorage.getItem(SPOKEN) !== here) {
      sessionStorage.removeItem("htmx-history-cache");
      sessionStorage.setItem(SPOKEN, here);
    }
    addEventListener("pageshow", ({ persisted }) => {
      if (persisted && sessionStorage.getItem(SPOKEN) !== here) location.reload();
    });
  } catch { /* no storage, nothing kept */ }
})();
