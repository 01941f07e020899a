"""The words that led to a dispatch's topics, found again by the rules that gave them; nothing of it is stored."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from authorities.model import Authorities
from indexer.topics import TopicRules, TopicScore
from mappings.dispatch import Dispatch


class TopicWords:
    """Explains topics. The rules are made when first asked (0.3 s): most processes never are."""

    def __init__(self, authorities: Authorities) -> None:
        self._authorities = authorities
        self._making = threading.Lock()
        self._rules: TopicRules | None = None

    def scores(self, dispatch: Dispatch) -> tuple[TopicScore, ...]:
        """Each topic the words give, with them; one that an agency stated alone is not among these."""
        with self._making:
            self._rules = self._rules or TopicRules(self._authorities)
        return self._rules.explain(dispatch)

    def words(self, dispatch: Dispatch) -> list[tuple[str, str, list[str]]]:
        """The same for the page: facet, value, the words that count for it."""
        return words_of(self.scores(dispatch))


def words_of(scores: Iterable[TopicScore]) -> list[tuple[str, str, list[str]]]:
    """Of topics explained: facet, value, the words that count for it."""
    return [("topic", score.path, [each.surface for each in score.evidence if each.weight > 0]) for score in scores]
