"""The words of identity: who people are here, and what stands for them in a request."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from serment import ledger
from serment.kernel import AccountId, OrganisationId

SessionId = NewType("SessionId", UUID)
TeamId = NewType("TeamId", UUID)
FactorId = NewType("FactorId", UUID)
DeviceId = NewType("DeviceId", UUID)
AccessKeyId = NewType("AccessKeyId", UUID)


class OrganisationKind(StrEnum):
    """What the controller is."""

    PRACTICE = "practice"
    HOSPITAL = "hospital"
    LABORATORY = "laboratory"
    IMAGING_CENTRE = "imaging-centre"
    PHARMACY = "pharmacy"


class Profession(StrEnum):
    """The profession a person exercises in the organisation; patients and administrators have none."""

    PHYSICIAN = "physician"
    RADIOLOGIST = "radiologist"
    BIOLOGIST = "biologist"
    NURSE = "nurse"
    PHARMACIST = "pharmacist"
    SECRETARY = "secretary"
    NONE = "none"


class Role(StrEnum):
    """In what quality an account acts."""

    PROFESSIONAL = "professional"
    ADMINISTRATOR = "administrator"
    DPO = "dpo"
    PATIENT = "patient"


class AccountStatus(StrEnum):
    """Where an account is in its life; only an active one signs in, and a departed one never comes back."""

    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    DORMANT = "dormant"
    DEPARTED = "departed"


class Quality(StrEnum):
    """As what somebody is in a team; its head answers for who else is."""

    MEMBER = "member"
    HEAD = "head"


class Method(StrEnum):
    """With what the second factor was proved."""

    TOTP = "totp"
    PASSKEY = "passkey"
    RECOVERY_CODE = "recovery-code"
    FEDERATED = "federated"


class Face(StrEnum):
    """What a machine speaks; an access key opens one of them."""

    FHIR = "fhir"
    WEBDAV = "webdav"
    DICOMWEB = "dicomweb"


class KeyScope(StrEnum):
    """What an access key does with the sections that it opens."""

    READ = "read"
    READ_AND_FILE = "read-and-file"


class Restriction(StrEnum):
    """What a session must do before it may do anything else; the act itself lifts it."""

    PASSWORD_CHANGE = "password-change"  # noqa: S105 - the name of a restriction
    FACTOR_ADDITION = "factor-addition"


@dataclass(frozen=True)
class Organisation:
    """A controller: practice, hospital, laboratory. Its name is public."""

    id: OrganisationId
    name: str
    kind: OrganisationKind
    created_at: datetime


@dataclass(frozen=True)
class Account:
    """A person's account in one organisation, in clear."""

    id: AccountId
    organisation: OrganisationId
    login: str
    name: str
    role: Role
    profession: Profession
    status: AccountStatus
    created_at: datetime
    #: When its owner leaves, or left; None while nobody said so.
    leaves_at: datetime | None = None


@dataclass(frozen=True)
class Visit:
    """Where a request comes from: `origin` such as "web 203.0.113.7", `device` as the browser names itself.

    `device_token` is what this browser was given when somebody signed in with it.
    """

    origin: str
    device: str = ""
    device_token: str | None = None


@dataclass(frozen=True)
class RelyingParty:
    """This installation as passkeys know it: `id` is the host name, `origin` the scheme, host and port."""

    id: str
    origin: str
    name: str = "Serment"


@dataclass(frozen=True)
class KeyLimits:
    """How far an access key goes, at most: its owner's rights end earlier where they do.

    `sections` are names of sections of a dossier; what they mean, `access` knows.
    """

    key: AccessKeyId
    face: Face
    sections: frozenset[str]
    scope: KeyScope


@dataclass(frozen=True)
class Caller:
    """The person behind one request: signed in, or represented by a machine that holds one of their access keys.

    With `key`, `session` is that key's identifier: no session bears it, and no step-up is ever remembered for it.
    """

    account: AccountId
    organisation: OrganisationId
    role: Role
    profession: Profession
    session: SessionId
    name: str
    origin: str
    stepped_up_at: datetime | None = None
    key: KeyLimits | None = None
    restriction: Restriction | None = None
    #: The known browser that the session was opened in, if it was one.
    browser: DeviceId | None = None

    @property
    def actor(self) -> ledger.Actor:
        """The caller as the trail names them: the profession of professionals, the role of the others."""
        role = self.profession.value if self.role is Role.PROFESSIONAL else self.role.value
        return ledger.Actor(
            account=self.account,
            organisation=self.organisation,
            role=role,
            origin=self.origin,
            means=self.session,
            browser=self.browser,
        )
