"""What axe-core finds wrong with the page that is open: WCAG 2.2 A and AA, and good habit, as far as a program can tell."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

SCRIPT = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

# What depends on colours alone, to look again at a page that only changed its colours.
COLOURS = ("color-contrast", "link-in-text-block")

_RUN = """async ([rules, tags]) => {
  const runOnly = rules.length ? { type: "rule", values: rules } : { type: "tag", values: tags };
  const { violations } = await axe.run(document, { runOnly, resultTypes: ["violations"] });
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary, any }) => ({ id, help, html, why: failureSummary })));
}"""


def violations(page: Page, *rules: str) -> list[str]:
    """One line for each rule and element that breaks it; of these rules only, where any are named."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(SCRIPT)
    found: list[dict[str, Any]] = page.evaluate(_RUN, [list(rules), list(TAGS)])
    return [f"{each['id']}: {' '.join(each['why'].split())} <- {each['html'][:300]}" for each in found]
