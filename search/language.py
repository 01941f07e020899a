"""The query as typed becomes a tree (`search/tree.py`), or an error that says where, and what to type instead.

    query := and (OU and)*          what binds most: titre: > PRES, PARA > SAUF > ET > OU; parentheses override
    and   := not (ET? not)*         side by side means ET
    not   := (SAUF | -) not | near
    near  := term ((PRES/n | PARA) term)*
    term  := word | beginning* | "quotation" | "quotation"~n | field:term | ( query )

Operators are in capitals, French or English. A quotation never closed is taken to the end, with a warning.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace

from engine.errors import QuerySyntaxError
from search.days import absolute, nearest, relative
from search.questions import asks_of
from search.request import LONGEST_QUERY
from search.tokens import MEANINGFUL, Token, tokens
from search.tree import (
    FACET_PREFIXES,
    Ago,
    And,
    FacetIs,
    InTitle,
    Near,
    Node,
    Not,
    Or,
    Period,
    Phrase,
    Prefix,
    Query,
    Speaker,
    Word,
    of_dispatch,
    of_texts,
    within,
)

__all__ = ["DEEPEST", "FARTHEST", "MOST_CLAUSES", "Phrase", "Query", "Word", "parse"]

# Parentheses in parentheses. Nobody reads beyond; Elasticsearch stops at 30.
DEEPEST = 12

# What is looked for by itself; words side by side are one.
MOST_CLAUSES = 64

# Shorter begins too many words to say anything.
SHORTEST_PREFIX = 3

# Beside PRES and PARA every word a beginning stands for is followed by itself, and Elasticsearch refuses too many: its
# memory says how many. 6,000 words pass on a small node; five letters begin far fewer of French.
SHORTEST_NEAR_PREFIX = 5

# Words between: more is "in the same paragraph".
FARTHEST = 100


SHOUTED = "Tout est en capitales : ET, OU et SAUF y sont lus comme des mots."

# Mistakes put right one after the other before we stop proposing: more is no slip of the hand.
MOST_CURES = 5


def parse(text: str) -> Query:
    """Read a query.

    Raises:
        QuerySyntaxError: with a place inside the text, and a query to type instead where one can be told.
    """
    try:
        return _read(text)
    except QuerySyntaxError as error:
        raise QuerySyntaxError(error.detail, at=error.at, suggestion=_readable(error.suggestion)) from None


def _read(text: str) -> Query:
    if len(text) > LONGEST_QUERY:
        raise QuerySyntaxError(
            f"La recherche fait {len(text)} caractères ; le maximum est {LONGEST_QUERY}.", at=LONGEST_QUERY
        )
    read = tuple(tokens(text))
    mark = text.rstrip().endswith("?")
    shouted = _shouted(read, mark=mark)
    parser = _Parser(text, tuple(replace(token, kind="word") for token in read) if shouted else read)
    nodes = parser.whole()
    plain = all(isinstance(node, Word) for node in nodes) and (shouted or all(token.kind == "word" for token in read))
    asks = asks_of([token.text for token in read], mark=mark) if plain else "all"
    return Query(nodes, (*parser.warnings, *([SHOUTED] if shouted else [])), asks=asks)


def _shouted(read: Sequence[Token], *, mark: bool) -> bool:
    """Whether all is in capitals, so that operators cannot be told from words, and reads as a question or a headline.

    "OÙ VA LA RUSSIE OU LA CHINE ?" is; "GUERRE OU PAIX" is a search, whatever the key that is stuck.
    """
    words = [token.text for token in read]
    operators = [token for token in read if token.kind in ("and", "or", "not") and token.text != "-"]
    if not operators or any(token.kind not in ("word", "and", "or", "not") or token.text == "-" for token in read):
        return False
    return all(word == word.upper() for word in words) and asks_of(words, mark=mark) != "all"


def _readable(suggestion: str | None) -> str | None:
    """The suggestion, what else is wrong with it put right too: "(a (b" -> "(a (b))"."""
    for _ in range(MOST_CURES):
        if suggestion is None or not MEANINGFUL.search(suggestion):
            return None
        try:
            asks = bool(_read(suggestion).nodes)
        except QuerySyntaxError as error:
            suggestion = error.suggestion
        else:
            return suggestion if asks else None
    return None


class _Parser:
    """Reads tokens from left to right, once."""

    def __init__(self, text: str, read: tuple[Token, ...]) -> None:
        self._text = text
        self._tokens = read
        self._at = 0
        self._depth = 0
        self.warnings: list[str] = []

    def whole(self) -> tuple[Node, ...]:
        """The parts that must all be met."""
        if not self._tokens:
            return ()
        node = self._query()
        left = self._peek()
        if left is not None:
            raise self._error("Parenthèse fermée jamais ouverte.", left, self._without(left))
        if node is None:
            return ()
        self._check(node)
        return node.nodes if isinstance(node, And) else (node,)

    # -- the grammar; None is what means nothing (`titre:"?!"`) --------------------------------------

    def _query(self) -> Node | None:
        parts = [self._and(None)]
        while (operator := self._take("or")) is not None:
            self._left_side(operator, parts[-1])
            parts.append(self._and(operator))
        return _joined(Or, parts)

    def _and(self, after: Token | None) -> Node | None:
        parts = [self._not(after)]
        while (token := self._peek()) is not None and token.kind not in ("or", "close"):
            operator = self._take("and")
            if operator is not None:
                self._left_side(operator, parts[-1])
            parts.append(self._not(operator))
        return self._one_speaker(_joined(And, parts))

    def _not(self, after: Token | None) -> Node | None:
        operator = self._take("not")
        if operator is None:
            return self._near(after)
        self._deeper(operator)
        inner = self._not(operator)
        self._depth -= 1
        if inner is None:
            raise self._missing(operator)
        return Not(inner, operator.start, inner.end)

    def _near(self, after: Token | None) -> Node | None:
        node = self._term(after)
        chain = 0
        while (operator := self._take("near")) is not None:
            chain += 1
            self._deeper(operator, chain)
            self._depth -= 1
            self._left_side(operator, node)
            right = self._term(operator)
            if node is None or right is None:
                raise self._missing(operator)
            if operator.number > FARTHEST:
                raise self._error(
                    f"« {operator.text} » : au plus {FARTHEST} mots entre les deux. Pour le même paragraphe, PARA.",
                    operator,
                    self._instead(operator, "PARA"),
                )
            self._can_be_near(node, operator)
            self._can_be_near(right, operator)
            node = Near(node, right, None if operator.number < 0 else operator.number, node.start, right.end)
        return node

    def _term(self, after: Token | None) -> Node | None:
        token = self._peek()
        if token is None or token.kind not in ("word", "phrase", "field", "open"):
            if after is None and self._depth and (token is None or token.kind == "close"):
                return None  # "()" and "(": the parenthesis is at fault
            if after is None and token is not None and token.kind == "close":
                raise self._error("Parenthèse fermée jamais ouverte.", token, self._without(token))
            raise self._missing(after or token)
        self._at += 1
        if token.kind == "open":
            return self._group(token)
        if token.kind == "field":
            return self._field(token)
        return self._phrase(token) if token.kind == "phrase" else self._word(token)

    def _group(self, opened: Token) -> Node | None:
        self._deeper(opened)
        node = self._query()
        self._depth -= 1
        closed = self._take("close")
        if closed is None:
            instead = self._without(opened) if node is None else f"{self._text})"
            raise self._error("Parenthèse ouverte jamais fermée.", opened, instead)
        if node is None:
            instead = " ".join((self._text[: opened.start] + self._text[closed.end :]).split())
            raise self._error("Il n'y a rien à chercher entre ces parenthèses.", opened, instead)
        return node

    def _word(self, token: Token) -> Node:
        text = token.text
        if text.startswith("*"):
            bare = text.strip("*")
            raise self._error(
                "L'astérisque ne se met qu'à la fin : il remplace la fin d'un mot, jamais son début.",
                token,
                self._instead(token, bare),
            )
        if not text.endswith("*"):
            return Word(text, token.start, token.end)
        bare = text.rstrip("*")
        if _letters(bare) < SHORTEST_PREFIX:
            raise self._error(
                f"« {text} » est trop court : il faut au moins {SHORTEST_PREFIX} lettres avant l'astérisque.",
                token,
                self._instead(token, bare),
            )
        return Prefix(bare, token.start, token.end)

    def _phrase(self, token: Token) -> Phrase:
        if token.unclosed:
            self.warnings.append(f"Guillemet ouvert jamais fermé : la citation va jusqu'à la fin ({token.text}).")
        if token.number > FARTHEST:
            raise self._error(
                f"« ~{token.number} » : au plus {FARTHEST}.",
                token,
                self._instead(token, f'"{token.text}"~{FARTHEST}'),
            )
        return Phrase(token.text, token.start, token.end, token.number)

    # -- fields --------------------------------------------------------------------------------------

    def _field(self, field: Token) -> Node | None:
        value = self._peek()
        if value is None or value.start != field.end:
            return None  # parole:?!
        self._at += 1
        if field.text == "titre":
            return self._title(field, value)
        if value.kind == "open":
            inside, closed, after = self._text[value.end :].partition(")")
            quotable = closed and field.text != "date" and not set(inside) & set('("«»“”„')
            raise self._error(
                f"« {field.text}: » attend un nom ou une date, entre guillemets s'il a plusieurs mots, "
                "et non des parenthèses.",
                value,
                f'{self._text[: value.start]}"{inside}"{after}' if quotable else None,
            )
        if value.unclosed:
            self._phrase(value)  # says so
        if field.text == "date":
            return self._date(field, value)
        # "acteur:Lavr*" is a name as typed, its star no letter of it
        name = value.text
        if field.text == "parole":
            return Speaker(name, field.start, value.end)
        return FacetIs(FACET_PREFIXES[field.text], name, field.start, value.end)

    def _title(self, field: Token, value: Token) -> Node | None:
        if value.kind == "open":
            inner = self._group(value)
        elif value.kind == "phrase":
            inner = self._phrase(value)
        else:
            inner = self._word(value)
        return None if inner is None else InTitle(inner, field.start, inner.end)

    def _date(self, field: Token, value: Token) -> Node:
        told = relative(value.text)
        if told is not None:
            return Ago(told, field.start, value.end)
        span = absolute(value.text)
        if span is None:
            instead = nearest(value.text)
            raise self._error(
                f"« {value.text} » n'est pas une date. On écrit date:2022, date:2022-08, date:2022-08-08, "
                "date:2022-08-01..2022-08-31, date:7j, date:hier ou date:lundi.",
                field,
                self._text[: field.start] + f"date:{instead}" + self._text[value.end :],
            )
        return Period(*span, field.start, value.end)

    # -- checks --------------------------------------------------------------------------------------

    def _one_speaker(self, node: Node | None) -> Node | None:
        """Side by side, two speakers would have to say one thing: the first is kept."""
        if not isinstance(node, And):
            return node
        speakers = [each for each in node.nodes if isinstance(each, Speaker)]
        for other in speakers[1:]:
            self.warnings.append(f"Une seule « parole: » par recherche : « {other.text} » n'est pas pris en compte.")
        kept = [each for each in node.nodes if each not in speakers[1:]]
        return _joined(And, kept)

    def _can_be_near(self, node: Node, operator: Token) -> None:
        for each in within(node):
            if isinstance(each, Prefix) and _letters(each.text) < SHORTEST_NEAR_PREFIX:
                raise QuerySyntaxError(
                    f"« {each.text}* » est trop court à côté de {operator.text} : il faut au moins "
                    f"{SHORTEST_NEAR_PREFIX} lettres avant l'astérisque.",
                    at=each.start,
                    suggestion=self._text[: each.start] + each.text + self._text[each.end :],
                )
            if not isinstance(each, Word | Phrase | Prefix | Near | Or):
                raise self._error(
                    f"{operator.text} relie des mots, des citations ou des débuts de mots, ou plusieurs au choix : "
                    "(guerre OU conflit).",
                    operator,
                    self._instead(operator, "ET"),
                )

    def _check(self, node: Node) -> None:
        """What only the whole tree shows."""
        count = sum(map(_clauses, within(node)))
        if count > MOST_CLAUSES:
            raise QuerySyntaxError(
                f"La recherche a {count} éléments ; le maximum est {MOST_CLAUSES} (des mots côte à côte comptent pour "
                "un). Cherchez en plusieurs fois.",
                at=node.start,
            )
        for each in within(node):
            if not isinstance(each, And) or not any(isinstance(part, Speaker) for part in each.nodes):
                continue
            for part in each.nodes:
                apart = next(of_dispatch(part), None)
                if apart is not None and next(of_texts(part), None) is not None:
                    raise QuerySyntaxError(
                        "Ceci porte sur toute la dépêche, et ce qui l'entoure sur une seule parole : sortez-le des "
                        "parenthèses.",
                        at=apart.start,
                    )

    def _left_side(self, operator: Token, left: Node | None) -> None:
        if left is None:
            raise self._missing(operator)

    def _deeper(self, token: Token, by: int = 1) -> None:
        self._depth += 1
        if self._depth + by - 1 > DEEPEST:
            raise self._error(f"Trop d'emboîtements : {DEEPEST} au plus. Cherchez en plusieurs fois.", token, None)

    # -- errors --------------------------------------------------------------------------------------

    def _missing(self, operator: Token | None) -> QuerySyntaxError:
        token = operator or self._tokens[-1]
        without = self._without(token)
        return self._error(
            f"« {token.text} » relie ou exclut : il manque un mot à côté. Pour chercher le mot lui-même, écrivez-le en "
            "minuscules ou entre guillemets.",
            token,
            without if MEANINGFUL.search(without) else token.text.lower(),
        )

    def _error(self, detail: str, token: Token, suggestion: str | None) -> QuerySyntaxError:
        return QuerySyntaxError(detail, at=token.start, suggestion=suggestion)

    def _without(self, token: Token) -> str:
        return " ".join((self._text[: token.start] + self._text[token.end :]).split())

    def _instead(self, token: Token, said: str) -> str:
        return self._text[: token.start] + said + self._text[token.end :]

    # -- tokens --------------------------------------------------------------------------------------

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, kind: str) -> Token | None:
        token = self._peek()
        if token is None or token.kind != kind:
            return None
        self._at += 1
        return token


def _joined(kind: type[And] | type[Or], parts: Iterable[Node | None]) -> Node | None:
    """The parts under one node, those of the same kind opened; one part is itself.

    A `parole:` is side by side with what it was typed with: its parentheses stay.
    """
    flat: list[Node] = []
    for part in parts:
        if isinstance(part, kind) and not any(isinstance(each, Speaker) for each in part.nodes):
            flat += part.nodes
        elif part is not None:
            flat.append(part)
    if len(flat) < 2:
        return flat[0] if flat else None
    return kind(tuple(flat), flat[0].start, flat[-1].end)


def _clauses(node: Node) -> int:
    """What a node asks for by itself, what is under it apart: words side by side are counted with their And."""
    if isinstance(node, And):
        words = sum(isinstance(each, Word) for each in node.nodes)
        return 1 - words if words else 0
    return 0 if isinstance(node, Or | Not | InTitle | Near) else 1


# "l'av" -> "av": the part that a star ends
LAST_PART = re.compile(r"[^\W_]*$")


def _letters(text: str) -> int:
    """Letters and digits of the last part of a word: "l'av" -> 2; an accent apart is none."""
    found = LAST_PART.search(unicodedata.normalize("NFC", text))
    return len(found[0]) if found else 0
