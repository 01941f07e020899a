"""Where French sentences end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.sentences import sentences

# Sentences are between bars.
CUT = [
    "Une phrase.|Une autre.",
    "Vraiment ?|Oui !|Bon…|Voilà.",
    "Vraiment?|Les ministres le disent.",
    "M. Wang est venu.|MM. Wang et Lavrov aussi.|Mme. Li, non.",
    "Le Dr. Li et le Pr. Dupont, de St. Louis, ont cité Mgr. Martin.|Fin.",
    "J. Dupont et J.-C. Le Drian sont là.|Joe R. Biden aussi.",
    "L'armée des U.S. Marines est là.|Il part pour les U.S.|Le président reste.",
    "Voici l'O.N.U.|Le texte suit.",
    "Un taux de 12.5 % contre 3.2 hier.|Puis rien.",
    "Le site lemonde.fr et www.Example.com le disent.|Fin.",
    "« Je suis prêt. Nous partons », a-t-il dit.|Fin.",
    "« Vive la France ! » a-t-il crié.|Fin.",
    "Il a dit : « Non. »|Elle a ri.",
    "Il vit ici (à Paris).|Elle, non.",
    "Le 12 janv. 2021, il est venu.|Fin.",
    "1. Le budget de l'État.|2. La suite.",
    "Apple Inc. Computer est né.|Avec Apple Inc.|Les autres suivent.",
    "Le plan B.|Il va venir.",
    "Une eau à 25 °C.|La suite.",
    "Sergue? Lavrov est venu.",
    "Il est venu, etc.|Il est parti.",
    "Lens vs. Le Havre.|Cf. Le Monde.",
    "Yahoo! est vendu.|Fin.",
    "中国说。|他走了。",
    "قال نعم؟|ثم ذهب.",
    "Sans fin",
    "... Trois points.",
]


@pytest.mark.parametrize("text", CUT)
def test_sentences(text: str) -> None:
    whole = text.replace("。|", "。").replace("|", " ")
    assert [whole[start:end] for start, end in sentences(whole)] == text.split("|")


def test_a_sentence_glued_to_the_next_is_cut() -> None:
    assert sentences("C'est la fin.Le début.") == [(0, 13), (13, 22)]


def test_a_long_quotation_is_told_sentence_by_sentence() -> None:
    said = "« " + "Nous irons jusqu'au bout du chemin. " * 12 + "»"
    assert len(sentences(said)) >= 12


@given(st.text(alphabet="aB.!?…«»\"' \n\u00a0M12-(é中。\U0001f600", max_size=80))
def test_nothing_but_blanks_is_between_sentences(text: str) -> None:
    spans = sentences(text)
    assert spans == sorted(spans)
    between = [text[end:start] for (_, end), (start, _) in zip([(0, 0), *spans], [*spans, (len(text), 0)], strict=True)]
    assert all(not piece.strip() for piece in between)
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in spans)
