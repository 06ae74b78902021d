"""People for the tests: organisations, accounts, sessions, and an entrance whose hashes cost next to nothing.

    with database.unit_of_work() as uow:
        practice = make_organisation(uow)
        physician = make_professional(uow, practice)
        caller = signed_in(uow, physician)

`make_*` and `signed_in` write straight to the stores: no password, no factor, no ceremony. `enrol` goes the whole
way and gives an account that can sign in.
"""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from serment import identity, kernel, vault
from serment.identity.directory.accounts import add_account
from serment.identity.directory.store import load_account
from serment.identity.logins import tag_of_login
from serment.identity.sessions.sessions import open_session
from serment.identity.sessions.store import find_live, raise_session
from serment.identity.tokens import digest_of
from serment.kernel import AccountId, UnitOfWork

#: As cheap as Argon2id goes; what it costs in earnest is told by its own test.
CHEAP_HASHING = identity.HashingCost(memory_kib=8, passes=1, lanes=1)
PARTY = identity.RelyingParty(id="localhost", origin="https://localhost:8443")
VISIT = identity.Visit(origin="web 203.0.113.7", device="Firefox on Linux")
PASSWORD = "amphore violette rivage 49 tambour"
#: One for all tests: it reads its words once.
JUDGE = identity.PasswordJudge()


@dataclass(frozen=True)
class Person:
    """An account that can sign in, with everything its owner knows and holds."""

    account: AccountId
    login: str
    password: str
    seed: str
    recovery_codes: tuple[str, ...]


@pytest.fixture
def entrance(database: kernel.Database, keyring: vault.Keyring) -> identity.Entrance:
    """The door of an installation, on both kinds of database."""
    return make_entrance(database, keyring)


@pytest.fixture
def embedded_entrance(embedded_database: kernel.Database, keyring: vault.Keyring) -> identity.Entrance:
    """The door of an installation on SQLite."""
    return make_entrance(embedded_database, keyring)


#: The usual rules, with refusals that leave sooner: tests are refused hundreds of times.
HASTY = identity.Rules(refusals_leave_every=timedelta(milliseconds=100))


def make_entrance(
    database: kernel.Database, keyring: vault.Keyring, rules: identity.Rules | None = None
) -> identity.Entrance:
    database.put_beside(keyring)
    hasher = identity.PasswordHasher(CHEAP_HASHING, pepper=keyring.secret("pepper"))
    return identity.Entrance(database, keyring, hasher, PARTY, rules or HASTY, JUDGE)


def make_organisation(uow: UnitOfWork, name: str = "Cabinet des Tilleuls") -> identity.Organisation:
    new = identity.NewOrganisation(name, identity.OrganisationKind.PRACTICE)
    return identity.found_organisation(uow, new)


def make_professional(
    uow: UnitOfWork,
    organisation: identity.Organisation,
    profession: identity.Profession = identity.Profession.PHYSICIAN,
    name: str = "Camille Essai",
) -> identity.Account:
    return make_account(uow, organisation, identity.Role.PROFESSIONAL, profession=profession, name=name)


def make_administrator(uow: UnitOfWork, organisation: identity.Organisation) -> identity.Account:
    return make_account(uow, organisation, identity.Role.ADMINISTRATOR, name="Alix Essai")


def make_patient_account(
    uow: UnitOfWork, organisation: identity.Organisation, name: str = "Dominique Essai"
) -> identity.Account:
    return make_account(uow, organisation, identity.Role.PATIENT, name=name)


def make_account(
    uow: UnitOfWork,
    organisation: identity.Organisation,
    role: identity.Role,
    *,
    profession: identity.Profession = identity.Profession.NONE,
    name: str = "Camille Essai",
) -> identity.Account:
    """An active account without password or factor."""
    account = AccountId(kernel.new_id())
    made = identity.Account(
        id=account,
        organisation=organisation.id,
        login=f"{account.hex}@example.test",
        name=name,
        role=role,
        profession=profession,
        status=identity.AccountStatus.ACTIVE,
        created_at=uow.now,
    )
    add_account(uow, made, tag_of_login(uow, made.login))
    return made


def signed_in(
    uow: UnitOfWork, account: identity.Account | AccountId, visit: identity.Visit = VISIT
) -> identity.Caller:
    return open_session_of(uow, account, visit).caller


def open_session_of(
    uow: UnitOfWork,
    account: identity.Account | AccountId,
    visit: identity.Visit = VISIT,
    *,
    restriction: identity.Restriction | None = None,
    limits: identity.SessionLimits | None = None,
) -> identity.OpenedSession:
    """A session as sign-in opens it, with its token."""
    chosen = load_account(uow, account.id if isinstance(account, identity.Account) else account)
    assert chosen is not None
    limits = limits or identity.SessionLimits()
    return open_session(uow, chosen, visit, identity.Method.TOTP, limits, restriction=restriction)


def enrol(entrance: identity.Entrance, login: str, code: identity.EnrolmentCode) -> Person:
    """Complete an enrolment with a password and an authenticator application."""
    offer = identity.begin_enrolment(entrance, login, code.code, VISIT)
    code_now = identity.code_at(offer.totp_seed, entrance.database.clock.now())
    answer = identity.Enrolment(offer.token, PASSWORD, identity.TotpConfirmation(code_now, "Application"))
    enrolled = identity.complete_enrolment(entrance, answer, VISIT)
    return Person(code.account, login, PASSWORD, offer.totp_seed, enrolled.recovery_codes)


def enrol_somebody(
    entrance: identity.Entrance,
    role: identity.Role = identity.Role.PROFESSIONAL,
    *,
    profession: identity.Profession | None = None,
    login: str = "personne@example.test",
) -> Person:
    """Found an organisation and enrol one person in it; advance the clock before their code is used again."""
    if profession is None:
        exercises = role is identity.Role.PROFESSIONAL
        profession = identity.Profession.PHYSICIAN if exercises else identity.Profession.NONE
    with entrance.database.unit_of_work() as uow:
        administrator = signed_in(uow, make_administrator(uow, make_organisation(uow)))
        invitation = identity.Invitation(login, "Camille Essai", role, profession)
        code = identity.invite(uow, administrator, invitation)
    return enrol(entrance, login, code)


def confirm_identity(uow: UnitOfWork, token: str) -> None:
    """Remember in a session that a factor was proved again just now, as a step-up does."""
    live = find_live(uow, digest_of(token))
    assert live is not None
    raise_session(uow, live.id, digest_of(token))


def step_up(
    entrance: identity.Entrance, caller: identity.Caller, proof: identity.FactorProof
) -> identity.Caller:
    """Prove a factor again, where the token of the session is of no concern."""
    return identity.step_up(entrance, caller, proof, "token").caller
