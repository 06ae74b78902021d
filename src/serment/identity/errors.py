"""What identity refuses, one class a fact; none says more than the person at the door may know."""

from datetime import timedelta

from serment.kernel import SermentError


class IdentityError(SermentError):
    """Something that identity refuses."""

    code = "identity"


class SignInRefused(IdentityError):
    """The sign-in did not succeed; for which of its causes is told to nobody at the door (AUT-09)."""

    code = "identity.sign-in.refused"


class Throttled(IdentityError):
    """Too many attempts; nothing was hashed or compared. `retry_after_seconds` says when the next one counts."""

    code = "identity.throttled"

    def __init__(self, retry_after: timedelta) -> None:
        self.retry_after_seconds = max(1, -(-int(retry_after.total_seconds() * 1000) // 1000))
        super().__init__(f"retry after {self.retry_after_seconds} s")


class WorkDemanded(IdentityError):
    """Most of what unknown browsers try fails now: each try brings a proof of work (AUT-11). Nothing was looked at."""

    code = "identity.work.demanded"
    retry_after_seconds = 2


class DeviceUnknown(IdentityError):
    """Not a known browser of that account."""

    code = "identity.device.unknown"


class SessionInvalid(IdentityError):
    """The session is worth nothing (any more): the person signs in again."""

    code = "identity.session.invalid"


class SessionUnknown(SessionInvalid):
    """No such session, or it was ended, or its account was suspended."""

    code = "identity.session.unknown"


class SessionExpired(SessionInvalid):
    """The session stayed idle too long or reached its absolute limit."""

    code = "identity.session.expired"


class StepUpNeeded(IdentityError):
    """The act asks for a second factor again, proved within the last minutes."""

    code = "identity.step-up.needed"


class StepUpRefused(IdentityError):
    """The factor given for a step-up does not prove the account."""

    code = "identity.step-up.refused"


class SessionRestricted(IdentityError):
    """The session may do one thing only, until it has done it; nothing else is open to it."""

    code = "identity.session.restricted"


class PasswordChangeNeeded(SessionRestricted):
    """The password is changed first: it is known to others, or older than the role allows."""

    code = "identity.session.password-change-needed"


class FactorAdditionNeeded(SessionRestricted):
    """A passkey is added first: the role asks for one."""

    code = "identity.session.factor-addition-needed"


class EnrolmentRefused(IdentityError):
    """No account, wrong code, expired or used up: one answer for all of them."""

    code = "identity.enrolment.refused"


class PasswordRefused(IdentityError):
    """The password may not be chosen, or is not the current one."""

    code = "identity.password.refused"


class PasswordTooShort(PasswordRefused):
    """Fewer characters than the policy asks for."""

    code = "identity.password.too-short"


class PasswordTooLong(PasswordRefused):
    """More characters than the policy takes; nothing is ever cut off silently."""

    code = "identity.password.too-long"


class PasswordTooGuessable(PasswordRefused):
    """A guesser who knows common words, and the person's own, would find it."""

    code = "identity.password.too-guessable"


class PasswordBreached(PasswordRefused):
    """It stands in a list of passwords that were stolen elsewhere; bots try those first (AUT-10)."""

    code = "identity.password.breached"


class PasswordUnchanged(PasswordRefused):
    """The new password is the current one."""

    code = "identity.password.unchanged"


class BreachedListDamaged(IdentityError):
    """The list of breached passwords is there and cannot be read; a password is not taken unchecked."""

    code = "identity.password.list-damaged"


class BreachedSourceMalformed(BreachedListDamaged):
    """What a list of breached passwords was to be made from is not of the kind; the former list stays."""

    code = "identity.password.source-malformed"


class PasswordWrong(PasswordRefused):
    """The current password, asked for again, is not that one."""

    code = "identity.password.wrong"


class FactorNotConfirmed(IdentityError):
    """The new factor did not prove that it works; it was not added."""

    code = "identity.factor.not-confirmed"


class PasskeyNeeded(IdentityError):
    """Administrators prove themselves with passkeys: no password, no codes."""

    code = "identity.passkey.needed"


class RecoveryNotFound(IdentityError):
    """No recovery of that account is open, or not one that the caller has a say in."""

    code = "identity.recovery.not-found"


class SecondPersonTooNew(IdentityError):
    """Whoever approves a recovery has held a factor of their own for some time (THR-07)."""

    code = "identity.recovery.second-person-too-new"


class FactorNotFound(IdentityError):
    """The account has no such factor."""

    code = "identity.factor.not-found"


class LastFactor(IdentityError):
    """The last second factor of an account is never removed; add another one first."""

    code = "identity.factor.last"


class LoginMalformed(IdentityError):
    """A login has 3 to 254 printable characters without spaces."""

    code = "identity.login.malformed"


class LoginTaken(IdentityError):
    """Another account of this installation has that login."""

    code = "identity.login.taken"


class ProviderUnavailable(IdentityError):
    """The identity provider did not answer, or not as agreed; the other ways in are not concerned."""

    code = "identity.provider.unavailable"


class TokenRefused(IdentityError):
    """What the identity provider signed, or is said to have signed, does not hold; its text names the claim."""

    code = "identity.token.refused"


class LinkRefused(IdentityError):
    """The identity was not linked: the provider's answer is not the one to this session's question."""

    code = "identity.link.refused"


class LinkTaken(IdentityError):
    """One identity opens one account, and one account has one identity of a provider at most."""

    code = "identity.link.taken"


class LinkNotFound(IdentityError):
    """The account has no such linked identity."""

    code = "identity.link.not-found"


class NotPermitted(IdentityError):
    """The caller's role does not do that, or not in that organisation."""

    code = "identity.not-permitted"


class OwnSuspension(IdentityError):
    """Administrators do not suspend themselves, so that one always remains."""

    code = "identity.account.own-suspension"


class OwnDeparture(IdentityError):
    """Administrators do not let themselves go, nor hold their own place in a team open: somebody else does."""

    code = "identity.account.own-departure"


class LastAdministrator(IdentityError):
    """The organisation would have no administrator left who can sign in."""

    code = "identity.account.last-administrator"


class DepartureRefused(IdentityError):
    """A departure is now or within a year, and ends a membership of the house once."""

    code = "identity.account.departure-refused"


class RhythmRefused(IdentityError):
    """A team is looked through at least once a year, and at most once a month."""

    code = "identity.team.rhythm-refused"


class AccountNotFound(IdentityError):
    """No such account within the caller's reach."""

    code = "identity.account.not-found"


class OrganisationNotFound(IdentityError):
    """No such organisation."""

    code = "identity.organisation.not-found"


class TeamNotFound(IdentityError):
    """No such team within the caller's organisation."""

    code = "identity.team.not-found"


class MembershipNotFound(IdentityError):
    """The account is not in that team now."""

    code = "identity.membership.not-found"


class InstallationInUse(IdentityError):
    """An installation that already has accounts does not become a demonstration."""

    code = "identity.installation.in-use"


class NotADemonstration(IdentityError):
    """Codes of accounts are shown on demonstration installations only."""

    code = "identity.installation.not-a-demonstration"


class KeyRefused(IdentityError):
    """The access key, or the proof that goes with it, opens nothing here; one answer for every cause."""

    code = "identity.access-key.refused"


class KeyNotFound(IdentityError):
    """The caller has no such access key."""

    code = "identity.access-key.not-found"


class KeyTermsRefused(IdentityError):
    """An access key is not made on these terms; `field` names the one at fault."""

    code = "identity.access-key.terms-refused"

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(field)


class TooManyKeys(IdentityError):
    """The caller has as many living access keys as one person may have."""

    code = "identity.access-key.too-many"
