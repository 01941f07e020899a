"""A page to come back to: told by an address or a form, which anybody may have written, and so an address of ours or none."""

from __future__ import annotations

import re
from urllib.parse import unquote

# A segment that a browser takes for the folder above, however it is spelled: ".." leads out of the archive, to its neighbour.
_ABOVE = re.compile(r"(?:^|/)\.\.?(?:/|$)")


def ours(page: str, mount: str) -> bool:
    """Whether a path ("/depeches/?q=lavrov") is of the archive that is mounted there ("/depeches", or blank)."""
    path = page.partition("?")[0].partition("#")[0]
    leads_here = page.startswith(f"{mount}/") and not page.startswith("//") and "\\" not in page and page.isprintable()
    return leads_here and "//" not in path and not _ABOVE.search(unquote(path))
