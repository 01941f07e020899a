"""What only a browser knows of the page that is open: what does not fit, what moves, where the keyboard leads."""

from __future__ import annotations

from playwright.sync_api import Page

# Of an element, enough to find it again.
_TELL = "const tell = (e) => e.outerHTML.replace(/\\s+/g, ' ').slice(0, 160);"

# Wider than the window, or cut by a box of its own. What is cut on purpose: words for screen readers alone, the lead
# after four lines, fields that scroll.
_UNFIT = f"""() => {{
  {_TELL}
  const found = [], wide = document.documentElement.clientWidth;
  for (const e of document.querySelectorAll("body *")) {{
    if (e.closest(".hidden, svg, [hidden]") || !e.checkVisibility()) continue;
    const style = getComputedStyle(e), box = e.getBoundingClientRect();
    if (style.clipPath !== "none" || box.right < 0) continue;
    if (box.width && box.right > wide + 1) found.push("out of the window: " + tell(e));
    const hides = ["hidden", "clip"].includes(style.overflowX) && style.webkitLineClamp === "none";
    const field = ["INPUT", "SELECT", "TEXTAREA"].includes(e.tagName);
    const high = field && e.tagName !== "TEXTAREA" && parseFloat(style.fontSize) * 1.1 > box.height && e.type !== "checkbox";
    const burst = e.tagName === "BUTTON" && e.scrollHeight > e.clientHeight + 1;
    if (high || burst || (hides && !field && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)))
      found.push("cut: " + tell(e));
  }}
  return found;
}}"""

_MOVING = f"""() => {{
  {_TELL}
  return [...document.querySelectorAll("*")].filter((e) => ["", "::before", "::after"].some((part) => {{
    const style = getComputedStyle(e, part || null);
    return style.animationName !== "none" || style.transitionDuration.split(",").some((each) => parseFloat(each) > 0.01)
      || style.scrollBehavior === "smooth";
  }})).map(tell);
}}"""

# What can be used by hand, in the order of the page.
_USABLE = f"""() => {{
  {_TELL}
  const usable = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";
  window.usable = [...document.querySelectorAll(usable)].filter((e) =>
    e.tabIndex >= 0 && !e.disabled && e.checkVisibility({{ visibilityProperty: true }}));
  // From the top, wherever something was clicked.
  const top = document.createElement("span");
  top.tabIndex = -1;
  document.body.prepend(top);
  top.focus();
  top.remove();
  return window.usable.map(tell);
}}"""

_FOCUSED = f"""() => {{
  {_TELL}
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  if (e === document.body) return {{ at: -1 }};
  const wrong = [];
  if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) wrong.push("focus is not seen");
  if (!box.height || box.bottom < 0 || box.top > innerHeight || box.right < 0 || box.left > innerWidth) wrong.push("out of sight");
  else {{
    const [first] = e.getClientRects();
    const over = document.elementFromPoint(first.x + first.width / 2, first.y + first.height / 2);
    const ours = !over || e.contains(over) || over.closest("label")?.control === e;
    if (!ours) wrong.push("under something: " + tell(over));
  }}
  let opacity = 1;
  for (let each = e; each; each = each.parentElement) opacity *= getComputedStyle(each).opacity;
  if (opacity < 1) wrong.push("faint");
  return {{ at: window.usable.indexOf(e), what: tell(e), wrong }};
}}"""

# WCAG 1.4.12: what a reader may set for words to stand further apart.
_SPACED = """() => {
  const sheet = new CSSStyleSheet();
  const all = "line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important";
  sheet.replaceSync(`* { ${all} } p { margin-bottom: 2em !important }`);
  document.adoptedStyleSheets = [sheet];
}"""


def unfit(page: Page) -> list[str]:
    """What stands out of the window sideways, or is cut."""
    found: list[str] = page.evaluate(_UNFIT)
    return found


def moving(page: Page) -> list[str]:
    """What would move by itself or slide on its way."""
    found: list[str] = page.evaluate(_MOVING)
    return found


def larger(page: Page) -> None:
    """Letters twice as large."""
    page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")


def spaced(page: Page) -> None:
    page.evaluate(_SPACED)


def by_keyboard(page: Page) -> list[str]:
    """Goes through the page by the Tab key; what it does not reach, in its order, and where focus is not seen."""
    usable: list[str] = page.evaluate(_USABLE)
    reached: list[int] = []
    wrong: list[str] = []
    # A date is three stops and the calendar's.
    for _ in range(4 * len(usable)):
        page.keyboard.press("Tab")
        found = page.evaluate(_FOCUSED)
        if found["at"] < 0 and "what" not in found:
            break
        if found["at"] < 0:
            wrong.append(f"not told of: {found['what']}")
        elif found["at"] not in reached[-1:]:
            reached.append(found["at"])
            wrong += [f"{each}: {found['what']}" for each in found["wrong"]]
    missed = [usable[at] for at in range(len(usable)) if at not in reached]
    wrong += [f"not reached: {each}" for each in missed]
    if not missed and reached != sorted(set(reached)):
        wrong.append(f"out of order: {reached}")
    return wrong
