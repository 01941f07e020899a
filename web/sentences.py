"""What other rooms say to readers, in French and whole: refusals, warnings, searches to try. Told in the reader's language.

A room below knows no reader. Its sentence is known by its shape: one of `SENTENCES`, whose slots take anything. One that has
no such shape stays as it is, and is marked as French for whoever hears the page read.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from markupsafe import Markup

from engine.http import HTTP_DETAILS
from mappings.fields import STATUS_LABELS
from web.texts import gettext as _
from web.texts import language, noted
from web.wording import typeset

# What the pages say of an alert that would be everything; the API's words name its parameters.
EVERYTHING: Final = noted(
    "Cette recherche répondrait à toutes les nouvelles dépêches, ou presque : ajoutez un mot, ou cherchez avec un acteur, un "
    "lieu ou un sujet. Une période ou une exclusion ne suffisent pas."
)

# A slot named `sentence` holds another of these; `label`, a label; `value`, a value, or the state of a dispatch.
SENTENCES: Final[tuple[str, ...]] = (
    # What cannot be read of a query (search/language).
    noted("La recherche fait %(count)s caractères ; le maximum est %(most)s."),
    noted(
        "La recherche a %(count)s éléments ; le maximum est %(most)s (des mots côte à côte comptent pour un). Cherchez en plusieurs fois."
    ),
    noted("Parenthèse fermée jamais ouverte."),
    noted("Parenthèse ouverte jamais fermée."),
    noted("Il n'y a rien à chercher entre ces parenthèses."),
    noted(
        "« %(word)s » relie ou exclut : il manque un mot à côté. Pour chercher le mot lui-même, écrivez-le en minuscules ou "
        "entre guillemets."
    ),
    noted("L'astérisque ne se met qu'à la fin : il remplace la fin d'un mot, jamais son début."),
    noted("« %(word)s » est trop court : il faut au moins %(least)s lettres avant l'astérisque."),
    noted(
        "« %(word)s » est trop court à côté de %(operator)s : il faut au moins %(least)s lettres avant l'astérisque."
    ),
    noted("« %(word)s » : au plus %(most)s."),
    noted("« %(word)s » : au plus %(most)s mots entre les deux. Pour le même paragraphe, PARA."),
    noted(
        "%(operator)s relie des mots, des citations ou des débuts de mots, ou plusieurs au choix : (guerre OU conflit)."
    ),
    noted("« %(field)s: » attend un nom ou une date, entre guillemets s'il a plusieurs mots, et non des parenthèses."),
    noted(
        "« %(text)s » n'est pas une date. On écrit date:2022, date:2022-08, date:2022-08-08, date:2022-08-01..2022-08-31, date:7j, "
        "date:hier ou date:lundi."
    ),
    noted("Ceci porte sur toute la dépêche, et ce qui l'entoure sur une seule parole : sortez-le des parenthèses."),
    noted("Trop d'emboîtements : %(most)s au plus. Cherchez en plusieurs fois."),
    # What a reader should know of a query that was read (search/language, search/meaning, search/widening).
    noted("Guillemet ouvert jamais fermé : la citation va jusqu'à la fin (%(text)s)."),
    noted("Une seule « parole: » par recherche : « %(text)s » n'est pas pris en compte."),
    noted("Tout est en capitales : ET, OU et SAUF y sont lus comme des mots."),
    noted(
        "Question : un seul de ces mots suffit (%(words)s), les dépêches les plus proches d'abord. ET entre les mots les demande tous."
    ),
    noted(
        "Question : %(least)s de ces %(count)s mots suffisent (%(words)s), les dépêches les plus proches d'abord. ET entre les mots "
        "les demande tous."
    ),
    noted(
        "Recherche longue : %(least)s de ces %(count)s mots suffisent (%(words)s), les dépêches les plus proches d'abord. ET entre "
        "les mots les demande tous."
    ),
    noted("Trop de noms dans cette recherche : « %(name)s » n'est pas cherché sous ses autres noms."),
    noted("Trop de noms dans cette recherche : « %(name)s » n'est pas cherché sous ses autres noms, ni les suivants."),
    # Parameters (search/request, search/cursor, search/inside, search/timeline, engine/http).
    noted("La période commence le %(first)s, après sa fin (%(last)s) : échangez « from » et « to »."),
    noted("La facette « %(name)s » n'existe pas ; les facettes sont %(names)s."),
    noted("Au plus %(most)s valeurs pour la facette « %(name)s »."),
    noted("Au plus %(most)s niveaux à déplier pour la facette « %(name)s »."),
    noted("« prefix » fait %(count)s caractères ; le maximum est %(most)s."),
    noted(
        "« interval=%(name)s » donnerait %(count)s périodes ; le maximum est %(most)s : resserrez la période (« from », « to ») ou "
        "prenez un intervalle plus long."
    ),
    noted("Ce curseur n'est pas lisible : reprenez « next » ou « previous » tel quel dans la réponse précédente."),
    noted("Ce curseur appartient à une autre recherche : relancez celle-ci depuis la première page."),
    noted("Ce curseur n'est pas valable : relancez la recherche depuis la première page."),
    noted("Ce curseur n'est plus valable : relancez la recherche depuis la première page."),
    noted("Le paramètre « %(name)s » n'existe pas. Vouliez-vous dire « %(other)s » ?"),
    noted("Le paramètre « %(name)s » n'existe pas. Les paramètres sont : %(names)s."),
    noted("Aucune dépêche n'a l'identifiant « %(id)s »."),
    # Searches to try (search/nearest).
    noted("%(sentence)s, sans aucun filtre"),
    noted("sans aucun filtre"),
    noted("sans guillemets"),
    noted("à n'importe quelle distance"),
    noted("dans tout le texte"),
    noted("dans toutes les versions"),
    noted("sans le filtre « %(label)s : %(value)s »"),
    noted("sans la période"),
    noted("qui que ce soit qui parle"),
    noted("sans le choix des dates connues ou non"),
    noted("sans « %(word)s »"),
    noted("mots commençant par %(sentence)s"),
    noted("l'un ou l'autre de ces mots"),
    noted("« %(word)s » et %(sentence)s"),
    noted("« %(word)s »"),
    # Alerts (alerts/targets, alerts/saved, alerts/wanted) and their pages.
    EVERYTHING,
    noted("Ce fil n'existe pas, ou son adresse a été renouvelée."),
    noted("Vous avez déjà %(most)s recherches enregistrées, le maximum ; supprimez-en une."),
    noted("Vous n'avez pas de recherche enregistrée « %(id)s »."),
    noted(
        "Cette recherche a été modifiée depuis que vous l'avez lue (révision %(now)s, et non %(then)s) : relisez-la, puis refaites "
        "votre changement."
    ),
    noted("Au plus %(most)s canaux pour une recherche ; %(count)s sont demandés."),
    noted("name : un nom, de 1 à %(most)s caractères imprimables."),
    noted("« %(text)s » n'est pas une adresse électronique : il y faut un nom, @ et un domaine."),
    noted("« %(text)s », avant le @, n'est pas un nom de boîte."),
    noted("« %(text)s », après le @, n'est pas un domaine."),
    noted("Un webhook s'appelle en https ; « %(text)s » commence par %(scheme)s."),
    noted(
        "« %(text)s » n'est pas une adresse de webhook : https://serveur/chemin, sans espace ni accent, au plus %(most)s caractères."
    ),
    noted("Une adresse de webhook ne porte ni nom ni mot de passe : chaque envoi est signé."),
    noted(
        "« %(host)s » mène à %(address)s, une adresse privée ou réservée : un webhook appelle une adresse publique. L'exploitant "
        "peut ouvrir un réseau de la maison par DEPECHES_WEBHOOK_NETWORKS."
    ),
    noted("Le nom « %(host)s » n'a pas été trouvé en %(count)s s ; réessayez."),
    noted("Le nom « %(host)s » est inconnu du réseau ; vérifiez l'adresse du webhook."),
    noted("Ce formulaire n'est pas de cette archive : rechargez la page."),
    noted(
        "Ce formulaire n'est plus valable, ou le navigateur n'accepte pas de cookie de cette archive : revenez à la page, "
        "rechargez-la et recommencez."
    ),
    noted("Cette alerte n'existe plus : plus rien n'en est envoyé."),
    noted("Cette recherche ou cet envoi n'existe plus."),
    noted("Cette adresse n'est pas entière : reprenez-la dans le courrier."),
    # What became of deliveries (alerts/webhook, alerts/mail, alerts/deliver, alerts/outbox, alerts/stops, alerts/match).
    noted("%(host)s n'a pas répondu en %(count)s s."),
    noted("La connexion chiffrée à %(host)s a échoué : %(reason)s."),
    noted("%(host)s ne répond pas : %(reason)s."),
    noted("%(host)s n'a pas répondu comme un serveur HTTP."),
    noted("%(host)s a répondu 410 : ce webhook n'existe plus."),
    noted("%(host)s a répondu %(code)s, une redirection : elles ne sont pas suivies."),
    noted("Le serveur de courrier refuse ce message : %(reason)s"),
    noted("Le serveur de courrier refuse le compte DEPECHES_SMTP_USER (%(code)s)."),
    noted("Le serveur de courrier refuse l'expéditeur DEPECHES_MAIL_FROM (%(reason)s)."),
    noted("Le serveur de courrier refuse %(target)s : %(reason)s"),
    noted("Le serveur de courrier a répondu %(reason)s."),
    noted("Le serveur de courrier ne connaît pas ce que DEPECHES_SMTP_SECURITY=%(security)s ou le compte demandent."),
    noted("Le serveur de courrier n'a pas répondu, ou s'est tu."),
    noted("Le serveur de courrier ne répond pas (%(reason)s)."),
    noted("%(host)s a répondu %(code)s."),
    noted("Erreur de l'archive (%(name)s) ; voyez son journal."),
    noted("Le processus d'envoi s'est arrêté en cours d'envoi, plusieurs fois."),
    noted("Désabonné par le lien d'un courrier."),
    noted("Le moteur ne peut pas répondre à cette recherche : %(reason)s"),
    # Too much at once (access/limits).
    noted("Trop de demandes en une minute (%(label)s : %(most)s au plus) ; réessayez dans %(seconds)s s."),
    noted("Trop de clés refusées depuis cette adresse ; réessayez dans %(seconds)s s, avec une clé qui ouvre."),
    # The engine (engine/client), and what those are told who cannot mend it (engine/errors).
    noted(
        "L'archive ne peut pas répondre pour l'instant ; réessayez dans une minute. Si cela dure, prévenez son exploitant."
    ),
    noted("L'archive n'a pas répondu à temps ; réessayez, ou restreignez la demande."),
    noted("L'archive ne peut pas répondre à cette demande : simplifiez-la, ou prévenez son exploitant."),
    noted("Elasticsearch (%(url)s) n'a pas répondu à temps ; réessayez ou restreignez la demande."),
    noted("Elasticsearch n'a pas répondu à temps ; réessayez ou restreignez la demande."),
    noted(
        "Elasticsearch ne répond pas à %(url)s. Vérifiez ELASTICSEARCH_URL, ou démarrez le nœud local : depeches node start."
    ),
    noted("L'index des dépêches n'existe pas encore : depeches index create, puis depeches load."),
    noted("Cette page de résultats a expiré ; relancez la recherche."),
    noted("Elasticsearch est surchargé pour l'instant ; réessayez dans quelques secondes."),
)

# What the framework refuses.
HTTP: Final[tuple[str, ...]] = tuple(detail for _code, detail in HTTP_DETAILS.values())

_SLOT = re.compile(r"%\((\w+)\)s")


def told(text: str) -> str | Markup:
    """A sentence of another room, typographically right: in the reader's language, or marked as French. Markup stays as it is."""
    if isinstance(text, Markup):
        return text
    if language() == "fr" or in_other_words(text) is not None:
        return plain(text)
    return Markup('<span lang="fr">{}</span>').format(typeset(text))


def plain(text: str) -> str:
    """The same where no mark can be."""
    said = in_other_words(text) if language() != "fr" else None
    return typeset(text) if said is None else said


def in_other_words(text: str) -> str | None:
    """The sentence in the reader's language; None: it has none of the shapes."""
    for sentence, shape in _shapes():
        if found := shape.fullmatch(text):
            slots = found.groupdict()
            if "sentence" not in slots or (slots["sentence"] and in_other_words(slots["sentence"])):
                return _(sentence, **{name: _in(name, value) for name, value in slots.items()})
    return None


def _in(name: str, value: str) -> str:
    """What a slot holds, in the reader's language where it is of the house."""
    if name == "sentence":
        return in_other_words(value) or value
    if name == "label" or (name == "value" and value in STATUS_LABELS.values()):
        return _(value)
    return value


@cache
def _shapes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((sentence, _shape(sentence)) for sentence in (*HTTP, *SENTENCES))


def _shape(sentence: str) -> re.Pattern[str]:
    pieces = _SLOT.split(sentence)
    return re.compile(
        "".join(
            f"(?P<{piece}>.+?)" if odd else re.escape(piece)
            for at, piece in enumerate(pieces)
            if (odd := at % 2) or piece
        ),
        re.DOTALL,
    )
