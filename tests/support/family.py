"""A family for the tests of delegations: a girl of fifteen with an account of her own, and her two parents.

family = make_family(house)
family.let_in(family.mother, DelegateKind.PARENT)
"""

from dataclasses import dataclass
from datetime import date

from serment import access, clinical, dossier, identity, kernel
from serment.access import Action, DelegateKind, Section
from support.dossier import MARTIN, House
from support.identity import make_patient_account, signed_in

BORN_ON = date(2010, 6, 1)
LOU = clinical.PatientIdentity(
    family_name="Martin", birth_name="Martin", given_names=("Lou",), first_given_name="Lou",
    birth_date=BORN_ON, sex=clinical.Sex.FEMALE,
)  # fmt: skip
SEEN = "livret de famille présenté"


@dataclass(frozen=True)
class Family:
    """Who they are; `child` is the account of the girl whose dossier `lou` is."""

    house: House
    lou: kernel.DossierId
    child: identity.Caller
    mother: identity.Caller
    father: identity.Caller

    def let_in(
        self,
        who: identity.Caller,
        kind: DelegateKind = DelegateKind.PARENT,
        where: kernel.DossierId | None = None,
    ) -> access.Delegation:
        """Let a relative act for the girl, or for the patient of another dossier, as the practice does."""
        chosen = where or self.lou
        with self.house.database.unit_of_work() as uow:
            permit = access.decide(uow, self.house.physician, Action.SHARE, chosen, section=Section.IDENTITY)
            request = access.DelegationRequest(kind, proof=SEEN)
            return access.delegate(
                uow,
                permit,
                request,
                account=who.account,
                born_on=dossier.identity_of(uow, permit).identity.birth_date,
            )

    def reach(self, who: identity.Caller, action: Action = Action.READ) -> set[str]:
        """Return the sections of the girl's dossier that somebody reaches; none when they are refused."""
        try:
            with self.house.database.unit_of_work() as uow:
                return {section.value for section in access.decide(uow, who, action, self.lou).reach}
        except access.AccessRefused:
            return set()


def make_family(house: House) -> Family:
    """Add the family to a house."""
    with house.database.unit_of_work() as uow:
        child, mother, father = (
            signed_in(uow, make_patient_account(uow, house.organisation, name))
            for name in ("Lou Martin", "Zoé Martin", "Ali Martin")
        )
        lou = dossier.create_dossier(uow, house.physician, LOU)
        permit = access.decide(uow, house.physician, Action.SHARE, lou, section=Section.IDENTITY)
        access.link_patient(uow, permit, child.account)
    return Family(house, lou, child, mother, father)


def relative_of(house: House, name: str = "Sam Essai") -> identity.Caller:
    """Return somebody with an account that is tied to nothing."""
    with house.database.unit_of_work() as uow:
        return signed_in(uow, make_patient_account(uow, house.organisation, name))


def born_on_of(where: kernel.DossierId, family: Family) -> date:
    """Return the birth date in a dossier of these tests."""
    return BORN_ON if where == family.lou else MARTIN.birth_date
