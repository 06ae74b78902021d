"""A trail as a text that anybody can open: one paragraph a trace, the oldest first."""

from collections.abc import Sequence
from types import MappingProxyType

from serment import ledger
from serment.edge.pages.trail.page import CATEGORIES, QUALITIES, end, whom
from serment.edge.pages.trail.reading import Names
from serment.edge.pages.trail.telling import BECAUSE, PURPOSES, deed_of
from serment.edge.shell import Tongue, mark

_SOMEBODY = mark("Quelqu'un dont le compte n'existe plus")
_SERVICE = mark("Le service")
_REFUSED = mark("Refusé")
_FROM = mark("depuis {place}")
_LEAF = mark("preuve numéro {leaf}")
_PENDING = mark("pas encore de preuve : elle vient dans la seconde")

#: What lies in every bundle, in both languages, whoever takes it out.
INSTRUCTIONS = MappingProxyType({
    "LISEZMOI.txt": """QUI A REGARDÉ : LA TRACE DE VOTRE DOSSIER, ET SES PREUVES

qui-a-regarde.txt (ou who-looked.txt)   chaque accès, en clair
trail.json                              les mêmes accès, tels qu'ils ont été enregistrés et signés
entries/, proofs/                       de quoi vérifier chacun d'eux
checkpoint, statement, public-key       les signatures, et la clé qui les a faites

Ce fichier dit qui a ouvert votre dossier : gardez-le comme un secret.

Pour le vérifier sans nous, ne le décompressez pas :

    serment verify --bundle FICHIER.zip --key CLÉ

ou, avec le seul fichier trail_verifier.py du logiciel libre Serment :

    python trail_verifier.py FICHIER.zip --key CLÉ

CLÉ est la clé publique de l'établissement : demandez-la-lui par un autre chemin, puis comparez-la au fichier
public-key. Une fois décompressé, chaque preuve de proofs/ se vérifie aussi avec tout outil qui lit les formats
C2SP tlog-proof et tlog-checkpoint ; la donnée prouvée est le fichier de même numéro dans entries/.

Un accès enregistré dans la dernière seconde avant le téléchargement peut manquer ici.
""".encode(),
    "README.txt": b"""WHO LOOKED: THE TRAIL OF YOUR DOSSIER, AND ITS PROOFS

who-looked.txt (or qui-a-regarde.txt)   each access, in plain words
trail.json                              the same accesses, as they were recorded and signed
entries/, proofs/                       what it takes to check each of them
checkpoint, statement, public-key       the signatures, and the key that made them

This file says who opened your dossier: keep it as a secret.

To check it without us, do not unpack it:

    serment verify --bundle FILE.zip --key KEY

or, with the single file trail_verifier.py of the free software Serment:

    python trail_verifier.py FILE.zip --key KEY

KEY is the public key of the organisation: ask for it by another way, then compare it with the file public-key.
Once unpacked, each proof in proofs/ can also be checked with any tool that reads the formats C2SP tlog-proof and
tlog-checkpoint; what is proved is the file of the same number in entries/.

An access recorded in the last second before the download may be missing here.
""",
})  # fmt: skip


def trail_in_words(tongue: Tongue, recorded: Sequence[ledger.RecordedTrace], names: Names) -> str:
    """Return traces, given newest first, as paragraphs: when; who, as what, where; what was done, why, from where."""
    return "\n".join(_paragraph(tongue, one, names) for one in reversed(recorded))


def _paragraph(tongue: Tongue, one: ledger.RecordedTrace, names: Names) -> str:
    trace, words = one.trace, tongue.words
    until = end(trace)
    deed = words.say(
        deed_of(trace),
        whom=whom(trace, names),
        end=tongue.speech.day(until) if until else "",
        kind=trace.kind,
        n=1,
    )
    leaf = words.say(_PENDING) if one.leaf is None else words.say(_LEAF, leaf=one.leaf)
    lines = [
        tongue.speech.moment_with_zone(one.recorded_at),
        f"{_who(tongue, trace, names)} {deed}{_title(trace, names)}",
        " · ".join(part for part in (*_how(tongue, trace, names), leaf) if part),
    ]
    return "\n    ".join(lines) + "\n"


def _who(tongue: Tongue, trace: ledger.Trace, names: Names) -> str:
    if trace.actor.account is None:
        return tongue.words.say(_SERVICE)
    return names.people.get(str(trace.actor.account), tongue.words.say(_SOMEBODY))


def _title(trace: ledger.Trace, names: Names) -> str:
    title = names.titles.get(trace.detail.get("entry", ""))
    return f" « {title} »" if title else ""


def _how(tongue: Tongue, trace: ledger.Trace, names: Names) -> list[str]:
    """Return outcome, quality, place, category, purpose, reason and origin, those that are known."""
    say, home = tongue.words.say, trace.actor.organisation
    because = trace.detail.get("because", "")
    return [
        say(_REFUSED) if trace.outcome is not ledger.Outcome.ALLOWED else "",
        say(QUALITIES[trace.actor.role]) if trace.actor.role in QUALITIES else trace.actor.role,
        names.places.get(home, "") if home is not None else "",
        say(CATEGORIES[trace.category]) if trace.category in CATEGORIES else "",
        say(PURPOSES[trace.purpose]) if trace.purpose in PURPOSES else trace.purpose,
        say(BECAUSE[because]) if because in BECAUSE else "",
        say(_FROM, place=trace.actor.origin.removeprefix("web ")) if trace.actor.origin else "",
    ]
