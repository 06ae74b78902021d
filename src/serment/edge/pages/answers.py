"""What somebody filled in, read field by field: what is wrong is said beside its field, what is right is kept."""

from datetime import date

from serment.edge.shell import FieldRefused, Form, Words, mark

_TOO_LONG_OR_EMPTY = mark("{field} : à remplir, {longest} signes au plus.")
_TOO_LONG = mark("{field} : {longest} signes au plus.")
_NO_SUCH_DAY = mark("{field} : donnez un jour qui existe.")
_NO_SUCH_CHOICE = mark("{field} : choisissez une des réponses proposées.")
#: The fields by the words beside them, so that a summary of faults can be read alone.
FIELDS = {
    "family_name": mark("Nom utilisé"),
    "birth_name": mark("Nom de naissance"),
    "given_names": mark("Prénoms de naissance"),
    "birth_date": mark("Date de naissance"),
    "sex": mark("Sexe"),
    "birth_place_code": mark("Code du lieu de naissance"),
    "ins": mark("Matricule INS"),
    "title": mark("Titre"),
    "kind": mark("Sorte de document"),
    "date": mark("Date du document"),
    "reason": mark("Raison"),
    "login": mark("Identifiant de connexion"),
    "name": mark("Nom"),
    "quality": mark("Qualité"),
    "when": mark("Quand"),
    "last_day": mark("Dernier jour"),
    "words": mark("Votre message"),
    "proof": mark("Justificatif présenté"),
    "account": mark("Son compte"),
    "section": mark("Parties du dossier"),
    "who": mark("À qui fermer"),
    "what": mark("Ce que vous fermez"),
    "understood": mark("J'ai compris"),
    "label": mark("Intitulé"),
    "ended_on": mark("Dernier jour de l'épisode"),
    "days": mark("Suivi après la fin"),
    "deceased_on": mark("Jour du décès"),
}


class Answers:
    """Reads a form; each fault leaves its sentence in `errors`, under the name of its field."""

    def __init__(self, form: Form, words: Words) -> None:
        self.form = form
        self.errors: dict[str, str] = {}
        self._words = words

    def refuse(self, name: str, sentence: str, **values: object) -> None:
        """Say what is wrong with a field, unless it was said already."""
        field = self._words.say(FIELDS[name])
        self.errors.setdefault(name, self._words.say(sentence, field=field, **values))

    def text(self, name: str, *, longest: int = 200) -> str:
        """Return a field that must be filled, empty when it is at fault."""
        try:
            return self.form.text(name, longest=longest)
        except FieldRefused:
            self.refuse(name, _TOO_LONG_OR_EMPTY, longest=longest)
            return ""

    def optional(self, name: str, *, longest: int = 200) -> str:
        """Return a field that may be left empty."""
        try:
            return self.form.optional(name, longest=longest) or ""
        except FieldRefused:
            self.refuse(name, _TOO_LONG, longest=longest)
            return ""

    def day(self, name: str) -> date:
        """Return a day; a field at fault gives the first day there is."""
        try:
            return date.fromisoformat(self.form.get(name).strip())
        except ValueError:
            self.refuse(name, _NO_SUCH_DAY)
            return date.min

    def choice(self, name: str, among: tuple[str, ...]) -> str:
        """Return one of the choices, the last of them when the field is at fault."""
        try:
            return self.form.choice(name, among)
        except FieldRefused:
            self.refuse(name, _NO_SUCH_CHOICE)
            return among[-1]
