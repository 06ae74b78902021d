"""Keys for programs: listed, made and shown once, revoked. Each act asks for a step-up; identity sees to it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from serment import access, identity, kernel
from serment.edge.desk import Desk
from serment.edge.pages.entrance.account.words import place_word
from serment.edge.pages.frame import enter
from serment.edge.pages.vocabulary import SECTION_WORDS
from serment.edge.shell import Form, mark, read_form

KEYS = "/account/keys"
FACE_WORDS: dict[identity.Face, str] = {
    identity.Face.FHIR: mark("Lecture par FHIR"),
    identity.Face.WEBDAV: mark("Fichiers par WebDAV"),
    identity.Face.DICOMWEB: mark("Imagerie par DICOMweb"),
}
#: What makes a stolen key useless elsewhere, and what that asks of the program.
_BINDINGS: dict[identity.KeyBinding, tuple[str, str]] = {
    identity.KeyBinding.PUBLIC_KEY: (
        mark("À une clé publique : le plus sûr"),
        mark("Le logiciel signe chaque demande (DPoP, RFC 9449). Volée, la clé ne sert à personne."),
    ),
    identity.KeyBinding.NETWORKS: (
        mark("À des adresses réseau"),
        mark("Elle ne sert que depuis ces adresses, celles du cabinet par exemple."),
    ),
}
_LENGTHS = {"30": mark("30 jours"), "90": mark("90 jours"), "365": mark("un an")}
_FAULTS = {
    "label": mark("Donnez un nom à cette clé, 80 signes au plus."),
    "sections": mark("Choisissez au moins une partie du dossier."),
    "networks": mark(
        "Une à huit adresses ou réseaux, un par ligne, pas plus larges que /16 (IPv4) ou /48 (IPv6)."
    ),
    "public_key": mark(
        "Ce n'est pas une clé publique JWK, P-256 ou Ed25519. Ne collez jamais une clé privée."
    ),
}
_TOO_MANY = mark("Vous avez déjà vingt clés : retirez-en une qui ne sert plus.")


@dataclass(frozen=True)
class _Filled:
    """What was filled in, to be shown again when something of it is at fault."""

    label: str = ""
    sections: frozenset[str] = frozenset()
    binding: identity.KeyBinding = identity.KeyBinding.PUBLIC_KEY
    days: str = "90"
    networks: str = ""
    public_key: str = ""

    def request(self, now: datetime) -> identity.KeyRequest:
        """Return the key that is asked for; fields of a binding that was not chosen do not count."""
        on_networks = self.binding is identity.KeyBinding.NETWORKS
        on_public_key = self.binding is identity.KeyBinding.PUBLIC_KEY
        return identity.KeyRequest(
            label=self.label,
            face=identity.Face.FHIR,
            sections=self.sections,
            scope=identity.KeyScope.READ,
            binding=self.binding,
            ends_at=now + timedelta(days=int(self.days)),
            networks=tuple(self.networks.split()) if on_networks else (),
            public_key=self.public_key if on_public_key else "",
        )


@dataclass(frozen=True)
class _Maker:
    """Who makes a key, and the sections that it could ever read."""

    caller: identity.Caller
    sections: tuple[access.Section, ...]


class KeyPages:
    """What the owner of an account does with the keys of their programs."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def show(self, request: Request) -> Response:
        """Show the caller's keys."""
        caller = enter(self._desk, request)
        with self._desk.database.reading() as uow:
            keys = [_key(key, uow.now) for key in identity.list_own_keys(uow, caller)]
            may_make = bool(keyable_sections(uow, caller))
        return self._desk.pages.show(
            request, "account/keys.html", here="account", keys=keys, may_make=may_make
        )

    def form(self, request: Request) -> Response:
        """Show the empty form, once the caller has proved a factor again: nothing typed is lost on the way."""
        maker = _maker(self._desk, request)
        identity.require_step_up(maker.caller, self._desk.database.clock.now())
        return self._show_form(request, maker, _Filled(), {})

    def make(self, request: Request) -> Response:
        """Make the key and show it, this once."""
        maker = _maker(self._desk, request)
        filled = _read(read_form(request), maker.sections)
        try:
            with self._desk.database.unit_of_work() as uow:
                made = identity.make_key(uow, maker.caller, filled.request(uow.now))
        except identity.KeyTermsRefused as refused:
            return self._show_form(request, maker, filled, {refused.field: _FAULTS[refused.field]})
        except identity.TooManyKeys:
            return self._show_form(request, maker, filled, {"label": _TOO_MANY})
        except identity.StepUpNeeded:
            return self._show_form(request, maker, filled, {}, lapsed=True)
        return self._desk.pages.show(
            request, "account/key-made.html", headers={"cache-control": "no-store"}, here="account",
            key=_key(made.key, made.key.made_at), token=made.token, back=KEYS,
            bound=made.key.binding is identity.KeyBinding.PUBLIC_KEY,
            address=f"{self._desk.entrance.relying_party.origin}/fhir",
        )  # fmt: skip

    def ask(self, request: Request) -> Response:
        """Say what revoking does."""
        caller = enter(self._desk, request)
        identity.require_step_up(caller, self._desk.database.clock.now())
        with self._desk.database.reading() as uow:
            known = {key.id: key for key in identity.list_own_keys(uow, caller)}
        wanted = identity.AccessKeyId(request.path_params["key"])
        if wanted not in known:
            raise identity.KeyNotFound(str(wanted))
        return self._desk.pages.show(
            request, "account/revoke-key.html", here="account", label=known[wanted].label, back=KEYS
        )

    def revoke(self, request: Request) -> Response:
        """Revoke the key."""
        caller = enter(self._desk, request)
        with self._desk.database.unit_of_work() as uow:
            identity.revoke_key(uow, caller, identity.AccessKeyId(request.path_params["key"]))
        return self._desk.pages.go(KEYS, notice=mark("Clé retirée : elle n'ouvre plus rien."))

    def _show_form(
        self,
        request: Request,
        maker: _Maker,
        filled: _Filled,
        faults: dict[str, str],
        *,
        lapsed: bool = False,
    ) -> Response:
        words = self._desk.pages.tongue(request).words
        return self._desk.pages.show(
            request,
            "account/new-key.html",
            status=403 if lapsed else 422 if faults else 200,
            here="account",
            filled=filled,
            sections=[(one.value, SECTION_WORDS[one]) for one in maker.sections],
            bindings=[(one.value, words.say(title), words.say(hint)) for one, (title, hint) in _BINDINGS.items()],
            lengths=[(days, words.say(word)) for days, word in _LENGTHS.items()],
            errors={name: words.say(sentence) for name, sentence in faults.items()},
            lapsed=lapsed,
            back=KEYS,
        )  # fmt: skip


def keyable_sections(uow: kernel.UnitOfWork, caller: identity.Caller) -> tuple[access.Section, ...]:
    """Return the sections that a key of the caller could read, by the rules of their organisation as they stand."""
    return access.keyable_sections(caller, access.current_matrix(uow, caller.organisation))


def _maker(desk: Desk, request: Request) -> _Maker:
    """Return who makes keys; for those who reach no dossier there is no such page.

    A stopped account makes none: a key would outlast what stopped it.

    Raises:
        NotPermitted: their role reaches none.
        AccountFrozen: the brake stopped the account.
    """
    caller = enter(desk, request)
    with desk.database.reading() as uow:
        access.insist_on_standing(uow, caller)
        sections = keyable_sections(uow, caller)
    if not sections:
        raise identity.NotPermitted(caller.role)
    return _Maker(caller, sections)


def _read(form: Form, sections: tuple[access.Section, ...]) -> _Filled:
    """Read the form; sections that the caller never reads are left out."""
    mine = {section.value for section in sections}
    return _Filled(
        label=form.optional("label") or "",
        sections=frozenset(form.all("sections")) & mine,
        binding=identity.KeyBinding(form.choice("binding", tuple(identity.KeyBinding))),
        days=form.choice("ends_at", tuple(_LENGTHS)),
        networks=form.optional("networks", longest=1000) or "",
        public_key=form.optional("public_key", longest=2000) or "",
    )


def _key(key: identity.AccessKey, now: datetime) -> dict[str, Any]:
    return {
        "label": key.label,
        "face": FACE_WORDS[key.face],
        "sections": [SECTION_WORDS[one] for one in access.Section if one in key.sections],
        "binding": _BINDINGS[key.binding][0],
        "networks": key.networks,
        "made_at": key.made_at,
        "ends_at": key.ends_at,
        "ended": key.ends_at <= now,
        "used_at": key.last_used_at,
        "place": place_word(key.last_origin) if key.last_origin else "",
        "revoke_address": f"{KEYS}/{key.id}/revoke",
    }
