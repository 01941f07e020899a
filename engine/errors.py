"""Every error this product raises on purpose, in one tree.

    DepechesError
    ├── ConfigurationError            a setting is missing, malformed or contradicts another
    ├── NodeError                     the local Elasticsearch cannot be had
    │   ├── JavaNotFound              no JDK 21 or newer
    │   ├── MavenNotFound             the engine must be fetched and there is no Maven
    │   ├── DiskFull                  not enough room for the engine or its data
    │   ├── DownloadFailed            the archive did not arrive, or is not the one expected
    │   ├── PortTaken                 the port asked for belongs to another program
    │   └── NodeStartFailed           Elasticsearch stopped or did not answer in time
    ├── EngineError                   Elasticsearch answered badly or not at all
    │   ├── EngineUnavailable         nobody answers at that address
    │   ├── EngineTimeout             it did not answer in time
    │   ├── EngineOverloaded          it refuses work for now (429, circuit breaker)
    │   ├── EngineDenied              the API key lacks the right (401, 403)
    │   ├── IndexNotReady             the index or alias does not exist (yet)
    │   ├── PointInTimeGone           a point in time expired
    │   └── EngineRefused             it refuses the body we sent: our mistake
    ├── DatabaseError                 the relational database (users, keys, saved searches) cannot serve
    │   ├── DatabaseUnavailable       nobody answers there, or it does not let us in
    │   ├── DatabaseBusy              another writer kept it longer than we wait
    │   ├── MigrationMissing          its tables are of an earlier version, or are not there
    │   ├── MigrationTooNew           its tables are of a later version than this program
    │   └── DatabaseRefused           it refuses the statement we sent: our mistake
    ├── BackupError                   a backup cannot be made, read or brought back
    │   ├── BackupNotFound            there is none of that name
    │   ├── BackupDamaged             it is not what was written: a file, the snapshot, the manifest
    │   ├── BackupTooNew              a later version of this program, or of the engine, made it
    │   ├── BackupFailed              a program or the engine did not do its part; nothing of it is kept
    │   ├── BackupBusy                another backup or restore has the folder
    │   ├── BackupOverdue             there is none, or the last whole one is old
    │   ├── RepositoryMissing         the engine has nowhere to keep snapshots
    │   └── WouldOverwrite            there is something where it would be brought back
    ├── AlertsStuck                   alerts wait that nobody sends, or were given up
    ├── AuthorityError                a data file of authorities/ is wrong: file, line, cure
    ├── InputRejected                 one item of the input cannot become a dispatch
    │   ├── UnreadableInput           the file or folder cannot be opened
    │   ├── EmptyInput                nothing in it
    │   ├── BinaryInput               not text
    │   ├── InputTooLarge             over a limit of indexer/limits
    │   ├── UndecodableInput          text in no encoding we accept
    │   ├── NoTextInput               a header, but no dispatch under it
    │   ├── MalformedInput            not as its format is written: XML, JSON, table, message
    │   ├── RefusedXml                XML that declares entities of its own, or asks to open another file
    │   ├── BadValue                  a field holds what it cannot take (a date that is none)
    │   ├── UnknownColumns            a table whose columns do not say where the text is
    │   └── RefusedByEngine           Elasticsearch rejected this one document
    ├── RequestError                  the reader's request is wrong; the cure is in the text
    │   ├── QuerySyntaxError          in `q`, at a position
    │   ├── UnknownParameter          a parameter that does not exist
    │   ├── BadParameter              a parameter with a value it cannot take
    │   ├── BadCursor                 a cursor of another request, or no cursor at all
    │   └── ExportTooLarge            a file of more dispatches than this archive lets go at once
    ├── ExportsBusy                   as many files are being read as this process has room for
    ├── AccessError                   who asks may not have it
    │   ├── NotAuthenticated          we do not know who asks: no key, a wrong one, no name from the portal
    │   │   └── TokenExpired          the token of a portal's page is over: its portal gives another
    │   ├── NotAllowed                we know, and it is not theirs to do
    │   └── SignInFailed              the identity provider refused, or says what cannot be believed
    ├── ProviderAway                  the identity provider does not answer
    ├── TooManyRequests               the caller asked more in a minute than one may
    ├── ConflictError                 the request is right, but not as things stand
    │   ├── LimitReached              there are as many as one may have
    │   └── ChangedMeanwhile          it was changed since the asker read it
    └── NotFoundError
        ├── DispatchNotFound          no dispatch has that id
        ├── SavedSearchNotFound       the asker has no saved search of that id
        └── LetterNotFound            an address in a letter is not one of ours, or leads to what is gone

`detail` is in French: readers and operators see it. `code` is stable: programs may depend on it.
HTTP statuses are in the one table at the end; `tests/engine/test_errors.py` walks every leaf.
"""

from __future__ import annotations

from copy import copy


class DepechesError(Exception):
    """Root of the tree.

    Args:
        detail: what happened and what to do about it, in French, for the person who reads it.
        at: character offset in the query the error points at, where there is one.
        suggestion: what to type instead, where we know.
    """

    code = "erreur"

    def __init__(self, detail: str, *, at: int | None = None, suggestion: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.at = at
        self.suggestion = suggestion


class ConfigurationError(DepechesError):
    code = "configuration"


class NodeError(DepechesError):
    code = "noeud"


class JavaNotFound(NodeError):
    code = "java-introuvable"


class MavenNotFound(NodeError):
    code = "maven-introuvable"


class DiskFull(NodeError):
    code = "disque-plein"


class DownloadFailed(NodeError):
    code = "telechargement"


class PortTaken(NodeError):
    code = "port-occupe"


class NodeStartFailed(NodeError):
    code = "demarrage"


class EngineError(DepechesError):
    code = "moteur"


class EngineUnavailable(EngineError):
    code = "moteur-injoignable"


class EngineTimeout(EngineError):
    code = "moteur-trop-lent"


class EngineOverloaded(EngineError):
    code = "moteur-surcharge"


class EngineDenied(EngineError):
    code = "moteur-acces-refuse"


class IndexNotReady(EngineError):
    code = "index-absent"


class PointInTimeGone(EngineError):
    code = "instantane-expire"


class EngineRefused(EngineError):
    code = "moteur-refus"


class DatabaseError(DepechesError):
    code = "base"


class DatabaseUnavailable(DatabaseError):
    code = "base-injoignable"


class DatabaseBusy(DatabaseError):
    code = "base-occupee"


class MigrationMissing(DatabaseError):
    code = "base-a-migrer"


class MigrationTooNew(DatabaseError):
    code = "base-trop-recente"


class DatabaseRefused(DatabaseError):
    code = "base-refus"


class AuthorityError(DepechesError):
    """A wrong entry in a data file.

    Args:
        detail: what is wrong and the cure.
        file: the data file's name; line: its line, from 1 (0: the file as a whole).
    """

    code = "autorite"

    def __init__(self, detail: str, *, file: str = "", line: int = 0) -> None:
        where = f"{file}, ligne {line} : " if line else (f"{file} : " if file else "")
        super().__init__(where + detail)
        self.file = file
        self.line = line


class InputRejected(DepechesError):
    code = "rejet"


class UnreadableInput(InputRejected):
    code = "illisible"


class EmptyInput(InputRejected):
    code = "vide"


class BinaryInput(InputRejected):
    code = "binaire"


class InputTooLarge(InputRejected):
    code = "trop-gros"


class UndecodableInput(InputRejected):
    code = "encodage"


class NoTextInput(InputRejected):
    code = "sans-texte"


class MalformedInput(InputRejected):
    code = "malforme"


class RefusedXml(InputRejected):
    code = "xml-refuse"


class BadValue(InputRejected):
    code = "valeur"


class UnknownColumns(InputRejected):
    code = "colonnes"


class RefusedByEngine(InputRejected):
    code = "refus-du-moteur"


class RequestError(DepechesError):
    code = "requete"


class QuerySyntaxError(RequestError):
    code = "syntaxe"


class UnknownParameter(RequestError):
    code = "parametre-inconnu"


class BadParameter(RequestError):
    code = "parametre-invalide"


class BadCursor(RequestError):
    code = "curseur-invalide"


class AccessError(DepechesError):
    code = "acces"


class NotAuthenticated(AccessError):
    code = "non-identifie"


class TokenExpired(NotAuthenticated):
    code = "jeton-expire"


class NotAllowed(AccessError):
    code = "non-autorise"


class SignInFailed(AccessError):
    code = "connexion-impossible"


class ProviderAway(DepechesError):
    code = "fournisseur-injoignable"


class TooManyRequests(DepechesError):
    """`retry_after`: seconds until the next one is answered."""

    code = "trop-de-requetes"

    def __init__(self, detail: str, *, retry_after: int = 60) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class BackupError(DepechesError):
    code = "sauvegarde"


class BackupNotFound(BackupError):
    code = "sauvegarde-introuvable"


class BackupDamaged(BackupError):
    code = "sauvegarde-abimee"


class BackupTooNew(BackupError):
    code = "sauvegarde-trop-recente"


class BackupFailed(BackupError):
    code = "sauvegarde-manquee"


class BackupBusy(BackupError):
    code = "sauvegarde-en-cours"


class BackupOverdue(BackupError):
    code = "sauvegarde-en-retard"


class RepositoryMissing(BackupError):
    code = "depot-absent"


class WouldOverwrite(BackupError):
    code = "ecraserait"


class AlertsStuck(DepechesError):
    code = "alertes-en-souffrance"


class ConflictError(DepechesError):
    code = "conflit"


class LimitReached(ConflictError):
    code = "limite-atteinte"


class ChangedMeanwhile(ConflictError):
    code = "modifie-entre-temps"


class ExportTooLarge(RequestError):
    code = "export-trop-grand"


class ExportsBusy(DepechesError):
    code = "exports-en-cours"


class NotFoundError(DepechesError):
    code = "introuvable"


class DispatchNotFound(NotFoundError):
    code = "depeche-introuvable"


class SavedSearchNotFound(NotFoundError):
    code = "recherche-introuvable"


class LetterNotFound(NotFoundError):
    code = "courrier-introuvable"


# Nearest ancestor wins, so a new leaf has a status without a line here.
HTTP_STATUS: dict[type[DepechesError], int] = {
    DepechesError: 500,
    EngineError: 503,
    EngineTimeout: 504,
    EngineDenied: 500,  # our key, not the reader's: nothing they can do
    EngineRefused: 500,
    DatabaseError: 503,
    DatabaseRefused: 500,
    InputRejected: 422,
    InputTooLarge: 413,
    RequestError: 400,
    AlertsStuck: 503,
    AccessError: 403,
    NotAuthenticated: 401,
    ProviderAway: 503,
    TooManyRequests: 429,
    ConflictError: 409,
    ChangedMeanwhile: 412,
    ExportsBusy: 503,
    NotFoundError: 404,
}


def http_status(error: DepechesError) -> int:
    """The HTTP status of an error: that of its nearest ancestor in `HTTP_STATUS`."""
    return next(HTTP_STATUS[cls] for cls in type(error).__mro__ if cls in HTTP_STATUS)


# What those are told who can mend nothing: no server's address, no setting. The journal has the rest.
AWAY = (
    "L'archive ne peut pas répondre pour l'instant ; réessayez dans une minute. Si cela dure, prévenez son exploitant."
)
SLOW = "L'archive n'a pas répondu à temps ; réessayez, ou restreignez la demande."
UNABLE = "L'archive ne peut pas répondre à cette demande : simplifiez-la, ou prévenez son exploitant."

# What of ours is an operator's to mend; the first that fits. What a reader can do something about says it itself.
TOLD: tuple[tuple[type[DepechesError], str], ...] = (
    (EngineTimeout, SLOW),
    (EngineRefused, UNABLE),
    (EngineUnavailable, AWAY),
    (EngineDenied, AWAY),
    (IndexNotReady, AWAY),
    (DatabaseError, AWAY),
    (ConfigurationError, AWAY),
)


def for_readers(error: DepechesError) -> DepechesError:
    """The same error for somebody on another machine: what is an operator's to mend is said without what only they may know."""
    detail = next((detail for kind, detail in TOLD if isinstance(error, kind)), error.detail)
    told = copy(error)
    told.detail = detail
    return told
