"""The kinds of event that identity leaves in the trail."""

from enum import StrEnum


class EventKind(StrEnum):
    """What happened to an account, a team or an organisation."""

    ORGANISATION_FOUNDED = "identity.organisation.founded"
    ACCOUNT_INVITED = "identity.account.invited"
    ACCOUNT_ENROLLED = "identity.account.enrolled"
    ACCOUNT_SUSPENDED = "identity.account.suspended"
    ACCOUNT_REINSTATED = "identity.account.reinstated"
    ACCOUNTS_LISTED = "identity.accounts.listed"
    ENROLMENT_REFUSED = "identity.enrolment.refused"
    SIGN_IN_BEGUN = "identity.sign-in.begun"
    SIGN_IN_REFUSED = "identity.sign-in.refused"
    SESSION_OPENED = "identity.session.opened"
    SESSION_ENDED = "identity.session.ended"
    STEPPED_UP = "identity.session.stepped-up"
    STEP_UP_REFUSED = "identity.step-up.refused"
    FACTOR_ADDED = "identity.factor.added"
    FACTOR_REMOVED = "identity.factor.removed"
    PASSWORD_CHANGED = "identity.password.changed"  # noqa: S105 - the name of an event
    PASSWORD_CHANGE_REFUSED = "identity.password.change-refused"  # noqa: S105 - the name of an event
    RECOVERY_CODES_RENEWED = "identity.recovery-codes.renewed"
    TEAM_CREATED = "identity.team.created"
    MEMBER_ADDED = "identity.team.member-added"
    MEMBERSHIP_ENDED = "identity.team.membership-ended"
