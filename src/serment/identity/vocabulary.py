"""The kinds of event that identity leaves in the trail."""

from enum import StrEnum


class EventKind(StrEnum):
    """What happened to an account, a team or an organisation."""

    ORGANISATION_FOUNDED = "identity.organisation.founded"
    ACCOUNT_INVITED = "identity.account.invited"
    ACCOUNT_ENROLLED = "identity.account.enrolled"
    ACCOUNT_SUSPENDED = "identity.account.suspended"
    ACCOUNT_REINSTATED = "identity.account.reinstated"
    ACCOUNT_LEAVING = "identity.account.leaving"
    ACCOUNT_STAYING = "identity.account.staying"
    ACCOUNT_DEPARTED = "identity.account.departed"
    ACCOUNT_PUT_TO_SLEEP = "identity.account.put-to-sleep"
    ACCOUNT_WOKEN = "identity.account.woken"
    ACCOUNTS_LISTED = "identity.accounts.listed"
    ENROLMENT_REFUSED = "identity.enrolment.refused"
    SIGN_IN_REFUSED = "identity.sign-in.refused"
    SIGN_IN_THROTTLED = "identity.sign-in.throttled"
    DEVICE_FORGOTTEN = "identity.device.forgotten"
    SESSION_OPENED = "identity.session.opened"
    SESSION_ENDED = "identity.session.ended"
    STEPPED_UP = "identity.session.stepped-up"
    STEP_UP_REFUSED = "identity.step-up.refused"
    FACTOR_ADDED = "identity.factor.added"
    FACTOR_REMOVED = "identity.factor.removed"
    PASSWORD_CHANGED = "identity.password.changed"  # noqa: S105 - the name of an event
    PASSWORD_CHANGE_REFUSED = "identity.password.change-refused"  # noqa: S105 - the name of an event
    PASSWORD_BREACHED = "identity.password.breached"  # noqa: S105 - the name of an event
    PASSWORD_EXPIRED = "identity.password.expired"  # noqa: S105 - the name of an event
    PASSWORD_CHANGE_DEMANDED = "identity.password.change-demanded"  # noqa: S105 - the name of an event
    PASSKEY_DOUBTED = "identity.passkey.doubted"
    RECOVERY_OPENED = "identity.recovery.opened"
    RECOVERY_APPROVED = "identity.recovery.approved"
    RECOVERY_STOPPED = "identity.recovery.stopped"
    RECOVERY_REFUSED = "identity.recovery.refused"
    RECOVERY_COMPLETED = "identity.recovery.completed"
    RECOVERY_CODES_RENEWED = "identity.recovery-codes.renewed"
    IDENTITY_LINKED = "identity.link.added"
    IDENTITY_UNLINKED = "identity.link.removed"
    LINK_REFUSED = "identity.link.refused"
    LOGOUT_REFUSED = "identity.logout.refused"
    TEAM_CREATED = "identity.team.created"
    MEMBER_ADDED = "identity.team.member-added"
    MEMBERSHIP_ENDED = "identity.team.membership-ended"
    MEMBERSHIP_CONFIRMED = "identity.team.membership-confirmed"
    MEMBERSHIP_LAPSING = "identity.team.membership-lapsing"
    MEMBERSHIP_LAPSED = "identity.team.membership-lapsed"
    TEAM_REVIEW_OVERDUE = "identity.team.review-overdue"
    HEAD_NAMED = "identity.team.head-named"
    HEAD_ENDED = "identity.team.head-ended"
    REVIEW_RHYTHM_SET = "identity.team.review-rhythm-set"
    KEY_MADE = "identity.access-key.made"
    KEY_REVOKED = "identity.access-key.revoked"
    KEY_ENDING = "identity.access-key.ending"
    KEY_REFUSED = "identity.access-key.refused"
