"""Who said what: speech in quotation marks and reported speech, each under the one who speaks. Pure.

    marks and sentences (quotes_marks) -> verbs and prepositions of speech (quotes_verbs)
        -> their subjects, named or meant (quotes_speakers) -> what is said

A verb of speech stands in one of four ways, and each says where the words are:

    inverted    « A », a dit X     B, a dit X.     « A, dit X, A »     what precedes it, or holds it
    in order    X a dit que B      X a dit : « A »      X a dénoncé « A »      X a appelé à B      what follows it
    carried on  ..., ajoutant que B      et assuré que B      avant d'ajouter que B      the same, by the same speaker
    named       Selon X, B      B, selon X      Pour X, « A »
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.parse import read_dateline
from indexer.quotes_clauses import (
    ADVERBS_BEFORE,
    LAST_POINT,
    NAME_BEFORE,
    Said,
    Verb,
    after_adverbs,
    read_verb,
    said_after,
    trimmed_end,
)
from indexer.quotes_marks import Marked, marked, sentences
from indexer.quotes_speakers import COMPLEMENT, PERSON_NOUNS, Sentence, Speakers, Subject
from indexer.quotes_verbs import REPLIES, Heard, listener
from mappings.dispatch import Mention, Quote

# A dispatch of 3 KB has some 15 words of speech, 35 where all is speech, with 22 quotes: past these numbers it is no
# dispatch, and reading it to the end would only cost time.
MOST_TRIGGERS = 3000
MOST_QUOTES = 500
# Characters; the longest sentence of WiNER-fr has 578. A longer one is read in pieces, so that time stays linear.
LONGEST_SENTENCE = 2000


# "X, | qui a dit"
RELATIVE = re.compile(r",?\s+qui\s*$")

# Where a clause may begin, looking back from its verb.
CLAUSE = re.compile(r",\s+|[;:]\s+|[»\"”)]\s+|[-–—]\s+|\b(?:et|mais|car|tandis que|alors que|que|où)\s+|\bqu['’]")
CLAUSE_BACK = 260
# What opens a turn of another speaker within a sentence, and so ends what the first is reported to say
TURN = re.compile(r"(?:,\s+)?(?:tandis que|alors que|mais|et)\s+$|[;»\"”]\s*$|,\s+$")
# "X (parti), ministre de Y, | a dit"
AFTER_SUBJECT = re.compile(r"(?:\s?\([^()]{0,80}\))?(?:,[^.;:!?«»\"“”]{1,200},|,)?\s*")
# "le ministre | de la Santé (a dit)"
OF_SUBJECT = re.compile(
    r"(?:\s(?:de|du|des|d['’]|en|au|aux|à|chargée?|\w+(?:ais|aise|ois|oise|ien|ienne|ain|aine|in|ine|que))\b[^.;:!?«»\"“”,]{0,80}?)?\s*"
)
# "(A, a dit X) | , A", "(A, a dit X) | à l'AFP. A"
AFTER_INCISE = re.compile(r"\s*(?:[,.!?»\"”(]|$)|\s(?:à|au|aux|dans|lors|devant|de|du|qui)\b")
# "(A, a dit X) | , économiste à Y. | B": two quotes, of which X's title is none
INCISE_ENDS = re.compile(r"(?:\s[^.,;:!?]{1,80})?(?:,\s[^.;:!?]{2,120})?\.\s+")
APPOSED = re.compile(r"[^,]*,\s(?:l['’]|la\s|le\s)?([\w-]+)")
# « A », a dit X | lundi, et | « B »
REOPENS = re.compile(r"[^.;:!?]{0,60},\s*(?:et\s+)?")
# "La Thaïlande, a-t-il affirmé | , attend"; not ", lors d'un forum"
SENTENCE_GOES_ON = re.compile(r",\s+(?!lors|dans|à|en|au|après|avant|ajoutant|cité|interrog|qui|dont|et\b|mais\b)")
CONJUNCTION = re.compile(r"\s*(?:Mais|Et|Or|Toutefois|Cependant|Pourtant),?\s+")
COLON_BEFORE = re.compile(r":\s*$")
# « A », | a dit X      A, | a dit X
BEFORE_INVERTED = re.compile(r"[,»\"”!?…]\s*$")
# Characters before an incise after which a sentence goes on: "La Thaïlande, a-t-il affirmé, attend"
SHORT_OPENING = 90
# "a dit lors d'une visite | le ministre X", past a phrase that is not known
AFTER_PHRASE = re.compile(r"\s(?=(?:le|la|son|sa|M\.|Mme|Me)\s|l['’])")
PREPOSITION_BEFORE = re.compile(
    r"\b(?:de|du|des|à|avec|par|dans|sur|pour|chez|devant|en|lors|après|avant|contre|selon|et|sous|entre|vers|depuis)$"
)
WORD = re.compile(r"[\w-]+")
# `", badine | la placière X`, `", a comparé | X`; not `", notamment X`, `", contre X`
ANY_VERB = re.compile(
    r"[,\s]{1,3}(?:a\s[a-zà-ÿ]{2,}(?:é|i|u|it|is)|s['’]est\s[a-zà-ÿ]{2,}(?:ée?|ie?|ue?)|"
    r"(?!contre|entre|outre|comme|quelque|notre|votre|autre|même|cette|elle|une|que|ce|de|le|membre|avant|puis|encore)"
    r"(?:s['’])?[a-zà-ÿ]{3,}(?:e|it|nd|rt))\s+"
)
# Shorter ones are names and words held at a distance more often than speech.
WORDS_OF_A_SENTENCE = 4
# Besides nouns for people, what an apposition opens with: ", membre du directoire,"
TITLE_OPENINGS = frozenset({"membre", "ancien", "ancienne", "numéro", "patronne"})
WORD_GAP = re.compile(r"[\s\u00a0]*")
UP_TO_COMMA = re.compile(r"[^.;:!?«»\"“”\n,]{2,120},\s+")
# "Selon M. X [(parti) de la région,] B"
AFTER_NAMED = re.compile(r"(?:\s?\([^()]{0,60}\))?(?:\s(?:de|du|des|d['’]|en|à|au|aux)\b[^,.;:!?«»\"“”]{1,60})?,\s+")
AT_END = re.compile(r"(?:\s(?:dans|lors|à|en)\b[^.;:!?«»\"“”]{1,120})?[.;]?\s*$")
NO_SPEECH = re.compile(
    r"\b(?:affiche|banderole|pancarte|inscription|écriteau|message|titre|titré|titrait|lire|slogan|thème|devise|intitulé)\b"
)


# --- finding -------------------------------------------------------------------------------------------------------


def find_quotes(body: Sequence[str], mentions: Sequence[Mention]) -> tuple[Quote, ...]:
    """What is said in a dispatch and by whom, in the order of the text; no two quotes overlap.

    Only the speakers among `mentions` can say something: persons, organisations, states that act. What nobody named
    says ("une source policière", "les habitants") is left out, and so is what could be one's or another's.
    """
    return _Finder(body, mentions).quotes()


@dataclass(slots=True)
class _Clause:
    """A reported clause, still open to its sentence's end."""

    speaker: str
    paragraph: int
    start: int
    end: int
    sentence: int


class _Finder:
    def __init__(self, body: Sequence[str], mentions: Sequence[Mention]) -> None:
        self._body = body
        self._marks: list[list[Marked]] = []
        self._sentences: list[Sentence] = []
        self._first: list[int] = []  # number of each paragraph's first sentence
        for number, text in enumerate(body):
            following = body[number + 1].lstrip()[:1] if number + 1 < len(body) else ""
            marks = marked(text, continues=following in ("«", '"', "“"))
            dateline = read_dateline(text) if number == 0 else None
            self._marks.append(marks)
            self._first.append(len(self._sentences))
            start = dateline.end if dateline else 0
            for begin, end in sentences(text, marks, start):
                cuts = range(begin, end, LONGEST_SENTENCE)
                self._sentences += [Sentence(number, cut, min(end, cut + LONGEST_SENTENCE)) for cut in cuts]
        self._starts: list[list[int]] = [[] for _ in body]
        for each in self._sentences:
            self._starts[each.paragraph].append(each.start)
        self._speakers = Speakers(body, mentions, self._sentences)
        self._spoken: dict[tuple[int, int], tuple[str, list[tuple[int, int]]]] = {}  # by paragraph and mark
        self._clauses: list[_Clause] = []
        self._turns: dict[int, str | None] = {}  # by sentence, who spoke last in it

    def quotes(self) -> tuple[Quote, ...]:
        begins = [0]  # of each paragraph in the whole
        for text in self._body:
            begins.append(begins[-1] + len(text) + 1)
        number = 0
        for left, heard in enumerate(listener().heard("\n".join(self._body))):
            if left >= MOST_TRIGGERS or len(self._clauses) + len(self._spoken) >= MOST_QUOTES:
                break
            while heard.start >= begins[number + 1]:
                self._unspoken(number)
                number += 1
            self._read(number, Heard(heard.start - begins[number], heard.end - begins[number], heard.triggers))
        for rest in range(number, len(self._body)):
            self._unspoken(rest)
        self._over_paragraphs()
        return self._told()

    def _told(self) -> tuple[Quote, ...]:
        found = [Quote(each.speaker, each.paragraph, each.start, each.end, False) for each in self._clauses]
        for (paragraph, _), (speaker, pieces) in self._spoken.items():
            found += [Quote(speaker, paragraph, start, end, True) for start, end in pieces]
        found.sort(key=lambda quote: (quote.paragraph, quote.start, -quote.end))
        told: list[Quote] = []
        for quote in found:
            overlaps = told and told[-1].paragraph == quote.paragraph and quote.start < told[-1].end
            if quote.start < quote.end and not overlaps:
                told.append(quote)
        return tuple(told[:MOST_QUOTES])

    # --- one verb ---

    def _read(self, paragraph: int, heard: Heard) -> None:
        starts = self._starts[paragraph]
        index = bisect_right(starts, heard.start) - 1
        if index < 0:
            return  # in the dateline
        number = self._first[paragraph] + index
        if heard.triggers[0].form == "preposition":
            self._named(number, heard)
            return
        for trigger in heard.triggers:
            verb = read_verb(self._body[paragraph], self._sentences[number].start, heard, trigger)
            if verb and verb.end <= self._sentences[number].end:
                self._spoke(number, verb)
                return

    def _spoke(self, number: int, verb: Verb) -> None:
        sentence = self._sentences[number]
        text = self._body[sentence.paragraph]
        held = self._holding(sentence.paragraph, verb.start)
        open_clause = self._open(number, verb.start)
        before = text[max(sentence.start, verb.start - 3) : verb.start]
        may_invert = BEFORE_INVERTED.search(before) is not None and not verb.carried_on
        if held:
            if may_invert and not open_clause:
                self._inverted(number, verb, held)
            return
        after_mark = may_invert and not open_clause and self._after_mark(sentence.paragraph, verb.start)
        if after_mark and self._inverted(number, verb, None):
            return
        said = None if verb.inverted_pronoun is not None else self._said(number, verb)
        if said is None:
            if (may_invert or verb.inverted_pronoun is not None) and not open_clause:
                self._inverted(number, verb, None)
            return
        subject, turn = self._subject(number, verb)
        if open_clause:
            # Within what somebody is reported to say another verb of speech is theirs, unless a turn begins there.
            if turn is None or turn <= open_clause.start:
                return
            cut = TURN.search(text, max(open_clause.start, turn - 16), turn)
            if not cut and not verb.carried_on:
                return
            open_clause.end = trimmed_end(text, open_clause.start, cut.start() if cut else turn)
        self._turns[number] = subject
        if subject is None:
            return
        start, end, mark = said
        if mark:
            self._speak(number, mark, subject)
        else:
            self._report(number, start, end, subject)

    def _holding(self, paragraph: int, at: int) -> Marked | None:
        marks = self._marks[paragraph]
        index = bisect_right(marks, at, key=lambda mark: mark.opens) - 1
        return marks[index] if index >= 0 and at < marks[index].closes else None

    def _next_mark(self, paragraph: int, at: int) -> Marked | None:
        """The pair that opens at a place or after."""
        marks = self._marks[paragraph]
        index = bisect_right(marks, at - 1, key=lambda mark: mark.opens)
        return marks[index] if index < len(marks) else None

    def _last_mark(self, paragraph: int, at: int) -> Marked | None:
        """The pair that closes at a place or before."""
        marks = self._marks[paragraph]
        index = bisect_right(marks, at, key=lambda mark: mark.closes) - 1
        return marks[index] if index >= 0 else None

    def _open(self, number: int, at: int) -> _Clause | None:
        """The reported clause that is not yet over at a place."""
        last = self._clauses[-1] if self._clauses else None
        return last if last and last.sentence == number and last.start <= at < last.end else None

    # --- what is said, after the verb ---

    def _said(self, number: int, verb: Verb) -> Said | None:
        sentence = self._sentences[number]
        mark = self._next_mark(sentence.paragraph, verb.end)
        return said_after(self._body[sentence.paragraph], verb, sentence.end, mark)

    # --- by whom, before the verb ---

    def _subject(self, number: int, verb: Verb) -> tuple[str | None, int | None]:
        """(label, where the clause begins) of the subject of a verb in order."""
        sentence = self._sentences[number]
        paragraph, text = sentence.paragraph, self._body[sentence.paragraph]
        limit = verb.start
        if verb.carried_on:
            head = self._speakers.head(number)
            if number in self._turns:
                return self._turns[number], limit
            if verb.trigger.form == "infinitive":
                return self._carried(number), limit
            return (head.label if head and head.end <= limit else None), limit
        relative = RELATIVE.search(text, max(sentence.start, limit - 8), limit)
        if relative:
            named = self._speakers.ending_at(paragraph, relative.start())
            if not named or COMPLEMENT.search(text, max(sentence.start, named.start - 24), named.start):
                return None, None  # "le chef de mission pour la Syrie qui considère"
            return named.label, named.start
        aside = ADVERBS_BEFORE.search(text, max(sentence.start, limit - 90), limit)
        ends = aside.start() if aside else limit
        back = max(sentence.start, limit - CLAUSE_BACK)
        begins = [match.end() for match in CLAUSE.finditer(text, back, limit)]
        if back == sentence.start:
            begins.insert(0, back)
        for begin in reversed(begins):
            subject = self._speakers.subject(number, begin, limit, verb.trigger.verb in REPLIES)
            if subject is None or subject.end > limit:
                continue
            gap_end = max(ends, subject.end)
            after = AFTER_SUBJECT.fullmatch(text, subject.end, gap_end)
            if after and subject.label is None and "," in after[0] and text[begin - 2 : begin] == ", ":
                continue  # "Falk Marine, son principal client, a dit"
            if after and after[0].strip() == "," and text[max(0, begin - 3) : begin] == "et ":
                continue  # "correspondant de l'AFP et RFI, a rappelé"
            if verb.plural and subject.label and text[max(0, begin - 3) : begin] == "et ":
                return None, begin  # "la BBC et BuzzFeed révèlent"
            if after or OF_SUBJECT.fullmatch(text, subject.end, gap_end):
                if verb.plural and subject.label and self._speakers.is_person(subject.label):
                    return None, begin  # "M. X et M. Y ont dit"
                return subject.label, begin
            if "," not in text[subject.end : gap_end]:
                return None, begin  # "une habitante du quartier a dit"
        return None, None

    def _carried(self, number: int) -> str | None:
        """Who spoke last, here or in the sentence before: "Et de conclure : ..."."""
        for each in (number, number - 1):
            if each in self._turns:
                return self._turns[each]
        return None

    # --- inverted ---

    def _after_mark(self, paragraph: int, at: int) -> Marked | None:
        """The marks that close right before a place, a comma between."""
        mark = self._last_mark(paragraph, at)
        return mark if mark and not self._body[paragraph][mark.closes : at].strip(" ,\u00a0\u202f") else None

    def _inverted(self, number: int, verb: Verb, held: Marked | None) -> bool:
        """Keeps what precedes the verb, or holds it; whether a subject follows it."""
        sentence = self._sentences[number]
        paragraph, text = sentence.paragraph, self._body[sentence.paragraph]
        limit = min(sentence.end, held.closes) if held else sentence.end
        preceding = None if held else self._after_mark(paragraph, verb.start)
        if not held and not preceding and not ("q" in verb.trigger.takes or verb.inverted_pronoun is not None):
            return False
        subject = self._after(number, verb, limit)
        if subject is None:
            return False
        if held and not AFTER_INCISE.match(text, subject.end, limit + 1):
            return False  # a clause of what is said: "..., dit la loi que"
        self._turns[number] = subject.label
        if subject.label is None:
            return True
        if held:
            self._speak(number, held, subject.label, _pieces(text, held, verb.start, subject.end))
        elif preceding:
            self._speak(number, preceding, subject.label)
        else:
            self._report_before(number, verb.start, subject)
        following = self._next_mark(paragraph, subject.end)
        if not held and preceding and following and following.opens < sentence.end:
            between = text[subject.end : following.opens]
            if REOPENS.fullmatch(between) and not NAME_BEFORE.search(between):
                self._speak(number, following, subject.label)
        return True

    def _after(self, number: int, verb: Verb, limit: int) -> Subject | None:
        """The subject that follows its verb: "a déclaré jeudi à la presse [le ministre X]"."""
        text = self._body[self._sentences[number].paragraph]
        replies = verb.trigger.verb in REPLIES
        if verb.inverted_pronoun is not None:
            found = self._speakers.subject(number, verb.inverted_pronoun, limit)
            return found and Subject(found.label, max(found.end, verb.end))
        at = after_adverbs(text, verb.end, limit)
        found = self._speakers.subject(number, at, limit, replies)
        if found:
            return found
        for phrase in AFTER_PHRASE.finditer(text, at, min(limit, at + 120)):
            if PREPOSITION_BEFORE.search(text, at, phrase.start()) or "," in text[at : phrase.start()]:
                continue
            found = self._speakers.subject(number, phrase.end(), limit, replies)
            if found and found.label:
                return found
        return None

    def _report_before(self, number: int, verb_start: int, subject: Subject) -> None:
        """`[La Chine est prête], a dit X.`, or `[La Chine, a dit X, est prête].`"""
        sentence = self._sentences[number]
        text = self._body[sentence.paragraph]
        end = trimmed_end(text, sentence.start, verb_start)
        goes_on = SENTENCE_GOES_ON.match(text, subject.end, sentence.end)
        rest = trimmed_end(text, subject.end, sentence.end)
        if goes_on and end - sentence.start < SHORT_OPENING and rest - subject.end > end - sentence.start:
            following = WORD.match(text, goes_on.end())
            if following and following[0].lower() not in PERSON_NOUNS and not following[0].endswith("ant"):
                end = rest
        if len(text[sentence.start : end].split()) >= 3:
            self._report(number, sentence.start, end, subject.label or "")

    # --- selon ---

    def _named(self, number: int, heard: Heard) -> None:
        sentence = self._sentences[number]
        paragraph, text = sentence.paragraph, self._body[sentence.paragraph]
        if self._holding(paragraph, heard.start) or self._open(number, heard.start):
            return
        after = WORD_GAP.match(text, heard.end, max(heard.end, sentence.end)).end()  # type: ignore[union-attr]
        before = text[sentence.start : heard.start]
        initial = not before.strip() or CONJUNCTION.fullmatch(before) is not None
        weak = heard.triggers[0].verb == "pour"
        if weak and not initial:
            return
        subject = self._speakers.subject(number, after, sentence.end)
        if subject is None or subject.label is None:
            return
        rest = AFTER_NAMED.match(text, subject.end, sentence.end)
        if initial:
            if not rest:
                return
            start = rest.end()
            titled = False
            apposition = UP_TO_COMMA.match(text, start, sentence.end)
            words = WORD.findall(text[start : start + 40].lower())[:2]
            if apposition and any(word.rsplit("-", 1)[-1] in PERSON_NOUNS or word in TITLE_OPENINGS for word in words):
                start, titled = apposition.end(), True
            mark = self._next_mark(paragraph, start)
            words_held = text.count(" ", mark.start, mark.end) if mark and mark.opens < sentence.end else 0
            if weak and not titled and words_held + 1 < WORDS_OF_A_SENTENCE:
                return  # "Pour la Chine, la « zone grise » est un mythe"
            if mark and mark.opens == start and not text[mark.closes : sentence.end].strip(LAST_POINT):
                self._speak(number, mark, subject.label)
            else:
                self._report(number, start, trimmed_end(text, start, sentence.end), subject.label)
            self._turns[number] = subject.label
            return
        if text[subject.end : sentence.end].strip(LAST_POINT) and not AT_END.match(text, subject.end, sentence.end):
            return
        mark = self._last_mark(paragraph, heard.start)
        if mark and not text[mark.closes : heard.start].strip(" ,\u00a0\u202f") and mark.opens <= sentence.start + 1:
            self._speak(number, mark, subject.label)
        elif number not in self._turns:
            end = trimmed_end(text, sentence.start, heard.start)
            if len(text[sentence.start : end].split()) >= 3:
                self._report(number, sentence.start, end, subject.label)
        self._turns[number] = subject.label

    # --- quotations without a verb of their own ---

    def _unspoken(self, paragraph: int) -> None:
        if self._marks[paragraph] and len(self._spoken) < MOST_QUOTES:
            self._unknown_verbs(paragraph)
            self._after_colons(paragraph)
            self._continued(paragraph)

    def _unknown_verbs(self, paragraph: int) -> None:
        """« A », badine la placière X: after a whole sentence any verb will do where somebody is named right after it."""
        text = self._body[paragraph]
        for mark in self._marks[paragraph]:
            if (paragraph, mark.opens) in self._spoken or len(self._spoken) >= MOST_QUOTES:
                continue
            verb = ANY_VERB.match(text, mark.closes)
            index = bisect_right(self._starts[paragraph], mark.closes) - 1
            if not verb or index < 0 or text.count(" ", mark.start, mark.end) + 1 < WORDS_OF_A_SENTENCE:
                continue
            number = self._first[paragraph] + index
            limit = self._sentences[number].end
            subject = self._speakers.subject(number, verb.end(), limit) if number not in self._turns else None
            if subject and subject.label and self._speakers.between(paragraph, verb.end(), subject.end):
                self._speak(number, mark, subject.label)

    def _after_colons(self, paragraph: int) -> None:
        """`X (entraîneur de Y): "A"`, `X s'est voulu rassurant : « A »`."""
        text = self._body[paragraph]
        for mark in self._marks[paragraph]:
            if (paragraph, mark.opens) in self._spoken or not COLON_BEFORE.search(
                text, mark.opens - 3 if mark.opens > 3 else 0, mark.opens
            ):
                continue
            index = bisect_right(self._starts[paragraph], mark.opens) - 1
            if index < 0 or len(self._spoken) >= MOST_QUOTES:
                continue
            number = self._first[paragraph] + index
            opening = text[self._sentences[number].start : mark.opens]
            if len(opening) > 200 or NAME_BEFORE.search(opening) or NO_SPEECH.search(opening):
                continue
            if number in self._turns:
                speaker = self._turns[number]
            else:
                head = self._speakers.head(number)
                speaker = head.label if head and head.label and self._speakers.is_person(head.label) else None
            if speaker:
                self._speak(number, mark, speaker)

    def _continued(self, paragraph: int) -> None:
        """A sentence that is all quotation goes on with the one before: `"A", a dit X. "B."`"""
        text = self._body[paragraph]
        for index, mark in enumerate(self._marks[paragraph]):
            if index == 0 or (paragraph, mark.opens) in self._spoken:
                continue
            before = self._spoken.get((paragraph, self._marks[paragraph][index - 1].opens))
            at = bisect_right(self._starts[paragraph], mark.opens) - 1
            if not before or at < 1:
                continue
            each = self._sentences[self._first[paragraph] + at]
            around = text[each.start : mark.opens] + text[mark.closes : each.end]
            sentence_before = self._sentences[self._first[paragraph] + at - 1]
            if not around.strip(LAST_POINT) and self._marks[paragraph][index - 1].opens >= sentence_before.start:
                self._speak(self._first[paragraph] + at, mark, before[0])

    def _over_paragraphs(self) -> None:
        """A quotation of several paragraphs has the speaker that one of them names."""
        run: list[tuple[int, Marked]] = []
        for paragraph, marks in enumerate(self._marks):
            if run and not (marks and not self._body[paragraph][: marks[0].opens].strip()):
                run = []
            if run:
                run.append((paragraph, marks[0]))
                known = [self._spoken[p, m.opens][0] for p, m in run if (p, m.opens) in self._spoken]
                if known:
                    for p, mark in run:
                        self._spoken.setdefault((p, mark.opens), (known[0], [(mark.start, mark.end)]))
            goes_on = bool(marks) and not marks[-1].closed
            alone = bool(run) and len(marks) == 1
            run = (run if alone else [(paragraph, marks[-1])]) if goes_on else []

    # --- keeping ---

    def _speak(self, number: int, mark: Marked, speaker: str, pieces: list[tuple[int, int]] | None = None) -> None:
        key = self._sentences[number].paragraph, mark.opens
        if key not in self._spoken:
            self._spoken[key] = speaker, pieces or [(mark.start, mark.end)]
            self._speakers.said(number, speaker)
        self._turns[number] = self._spoken[key][0]

    def _report(self, number: int, start: int, end: int, speaker: str) -> None:
        if start < end:
            self._clauses.append(_Clause(speaker, self._sentences[number].paragraph, start, end, number))
            self._speakers.said(number, speaker)


def _pieces(text: str, held: Marked, verb: int, subject_end: int) -> list[tuple[int, int]]:
    """What is said around an incise: one piece, or two where the incise ends its sentence.

    `A, dit X, A` is one; `A, a dit X. B` and `A, a dit X, économiste à Y. B` are two.
    """
    before = (held.start, trimmed_end(text, held.start, verb))
    rest = text[subject_end : held.end]
    stop = INCISE_ENDS.match(rest)
    if not rest.strip(LAST_POINT):
        return [before]
    if stop:
        titled = APPOSED.match(stop[0])
        if "," not in stop[0] or (
            titled and (titled[1].lower() in PERSON_NOUNS or titled[1].lower() in TITLE_OPENINGS)
        ):
            return [before, (subject_end + stop.end(), held.end)]
    return [(held.start, held.end)]
