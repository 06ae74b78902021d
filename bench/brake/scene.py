"""An installation for the brake alone: its tables, its keys, a clock that is set, and people made of identifiers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from serment import access, identity, kernel
from serment.access import store
from serment.access.model import Participation
from serment.app.preparation import make_ready, upgrade_databases
from serment.app.settings import read_settings
from serment.app.wiring import open_installation
from serment.identity.directory.accounts import add_account
from serment.identity.logins import tag_of_login

BEGINS = datetime(2026, 1, 12, 0, 0, tzinfo=UTC)


@dataclass
class Scene:
    """Where the plays are set."""

    database: kernel.Database
    clock: kernel.SettableClock
    organisation: kernel.OrganisationId
    people: list[identity.Caller] = field(default_factory=list)

    def person(
        self, profession: identity.Profession, role: identity.Role = identity.Role.PROFESSIONAL
    ) -> identity.Caller:
        """Return somebody new, who proved a factor whenever that is asked."""
        account = kernel.AccountId(kernel.new_id())
        with self.database.unit_of_work() as uow:
            login = f"{account.hex}@example.test"
            active = identity.AccountStatus.ACTIVE
            row = identity.Account(
                account, self.organisation, login, "Personne", role, profession, active, uow.now
            )
            add_account(uow, row, tag_of_login(uow, login))
        made = identity.Caller(
            account=account, organisation=self.organisation, role=role,
            profession=profession, session=identity.SessionId(kernel.new_id()), name="", origin="web 192.0.2.1",
            stepped_up_at=datetime(2100, 1, 1, tzinfo=UTC),
        )  # fmt: skip
        self.people.append(made)
        return made

    def dossiers(self, count: int, *carers: identity.Caller) -> list[kernel.DossierId]:
        """Return new dossiers of the organisation, in the care of some."""
        with self.database.unit_of_work() as uow:
            made = [kernel.DossierId(kernel.new_id()) for _ in range(count)]
            for one in made:
                store.insert_custody(uow, one, self.organisation)
                for carer in carers:
                    part = Participation(one, carer.account, None, BEGINS, None, "bench")
                    store.insert_participation(uow, part)
        return made

    def say_why(self, caller: identity.Caller) -> None:
        """Give a reason, as somebody at work does."""
        reason = access.Reason(access.LiftReason.CARE_SURGE, "journée chargée")
        with self.database.unit_of_work() as uow:
            access.give_reason(uow, caller, reason)


@contextmanager
def opened_scene(folder: Path) -> Iterator[Scene]:
    """Make an installation in an empty folder and open it under a clock that is set."""
    settings = make_ready(read_settings(folder), "FR")
    upgrade_databases(settings)
    clock = kernel.SettableClock(BEGINS)
    installation = open_installation(settings, "https://localhost:8443", clock=clock)
    try:
        new = identity.NewOrganisation("Hôpital de la mesure", identity.OrganisationKind.HOSPITAL)
        with installation.rows.unit_of_work() as uow:
            organisation = identity.found_organisation(uow, new).id
        yield Scene(installation.rows, clock, organisation)
    finally:
        installation.close()
