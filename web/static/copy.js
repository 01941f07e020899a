// Copies what a button says: a text of the page by its id (data-copy), or the attribute's own (data-copy-text).

// Over plain HTTP browsers give pages no clipboard; what is selected in a field can be copied all the same.
const byHand = (text) => {
  const field = document.createElement("textarea");
  field.className = "hidden";
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
};

const copy = async (button) => {
  const text = button.dataset.copyText ?? document.getElementById(button.dataset.copy).textContent.trim();
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const done = byHand(text);
    button.focus();
    return done;
  }
};

for (const button of document.querySelectorAll("[data-copy], [data-copy-text]")) {
  button.hidden = false;
  const status = button.closest("section").querySelector("[role=status]");
  button.addEventListener("click", async () => {
    const copied = await copy(button);
    status.textContent = copied ? status.dataset.said : status.dataset.failed;
  });
}
