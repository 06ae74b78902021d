"""Who may be let to act for a patient, and until when. Pure; no I/O, no clock."""

from datetime import datetime, timedelta

from serment.access.delegations.errors import DelegationInvalid
from serment.access.delegations.model import DelegationRequest, Terms
from serment.access.model import DelegateKind, Section

#: A trusted person is named for a time; whoever wants longer names them again.
LONGEST_TRUST = timedelta(days=3 * 366)
#: No measure of protection is ordered for longer (Code civil, article 441).
LONGEST_GUARD = timedelta(days=20 * 366)
LONGEST_PROOF = 200
#: What a trusted person may be shown; the identity comes with it, as for whoever is let in.
TRUSTABLE = frozenset(Section) - {Section.IDENTITY}


def terms_of(request: DelegationRequest, now: datetime, adult_at: datetime) -> Terms:
    """Return what is asked for as terms; `adult_at` is when the patient comes of age.

    Raises:
        DelegationInvalid: `adult`: a parent of somebody who is of age; `minor`: a trusted person of a child;
            `sections`, `end`, `proof`: one is missing, or is what this kind does not have.
    """
    match request.kind:
        case DelegateKind.PARENT:
            return _of_parent(request, now, adult_at)
        case DelegateKind.GUARDIAN:
            return _of_guardian(request, now, adult_at)
        case DelegateKind.TRUSTED_PERSON:
            return _of_trusted_person(request, now, adult_at)


def _of_parent(request: DelegationRequest, now: datetime, adult_at: datetime) -> Terms:
    _insist_on_proof(request)
    if adult_at <= now:
        raise DelegationInvalid("adult")
    if request.ends_at is not None:
        raise DelegationInvalid("end")
    return Terms(request.kind, None, adult_at, with_majority=True)


def _of_guardian(request: DelegationRequest, now: datetime, adult_at: datetime) -> Terms:
    """The guardian of a child is not that of the adult: this takes another judgment, hence another delegation."""
    _insist_on_proof(request)
    if adult_at > now and request.ends_at is None:
        return Terms(request.kind, None, adult_at, with_majority=True)
    if adult_at > now or not _is_within(request.ends_at, now, LONGEST_GUARD):
        raise DelegationInvalid("end")
    return Terms(request.kind, None, request.ends_at, with_majority=False)


def _of_trusted_person(request: DelegationRequest, now: datetime, adult_at: datetime) -> Terms:
    """Named by an adult, for themself (CSP L.1111-6)."""
    if adult_at > now:
        raise DelegationInvalid("minor")
    if not request.sections or not request.sections <= TRUSTABLE:
        raise DelegationInvalid("sections")
    if request.ends_at is None or not _is_within(request.ends_at, now, LONGEST_TRUST):
        raise DelegationInvalid("end")
    return Terms(request.kind, request.sections, request.ends_at, with_majority=False)


def _insist_on_proof(request: DelegationRequest) -> None:
    if not 0 < len(request.proof.strip()) <= LONGEST_PROOF:
        raise DelegationInvalid("proof")
    if request.sections is not None:
        raise DelegationInvalid("sections")


def _is_within(ends_at: datetime | None, now: datetime, longest: timedelta) -> bool:
    return ends_at is None or now < ends_at <= now + longest
