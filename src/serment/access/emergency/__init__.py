"""Emergency access: a reason, a clock, a narrow scope; the patient told, a named person who looks at it afterwards."""

from serment.access.emergency.checks import check_emergencies
from serment.access.emergency.errors import EmergencyInvalid, OpeningNotFound, ReviewClosed
from serment.access.emergency.model import (
    DelayReason,
    EmergencyOpening,
    EmergencyRate,
    EmergencyReason,
    EmergencyRequest,
    EmergencyReview,
    EmergencyRules,
    EmergencyUse,
    EmergencyWords,
    ReviewVerdict,
)
from serment.access.emergency.notices import (
    acknowledge_notice,
    emergency_notices,
    is_told_of_emergencies,
    notice_words,
)
from serment.access.emergency.openings import (
    answer_question,
    complete_emergency,
    emergency_sections,
    end_emergency,
    live_openings,
    may_open_emergency,
    open_emergency,
    own_opening,
    own_words,
)
from serment.access.emergency.rates import emergency_rate, own_openings
from serment.access.emergency.reviews import (
    alarm_overdue,
    ask_opener,
    close_review,
    closed_reviews,
    deeds_of,
    pending_reviews,
    reviewed_opening,
    reviewed_words,
)

__all__ = [
    "DelayReason",
    "EmergencyInvalid",
    "EmergencyOpening",
    "EmergencyRate",
    "EmergencyReason",
    "EmergencyRequest",
    "EmergencyReview",
    "EmergencyRules",
    "EmergencyUse",
    "EmergencyWords",
    "OpeningNotFound",
    "ReviewClosed",
    "ReviewVerdict",
    "acknowledge_notice",
    "alarm_overdue",
    "answer_question",
    "ask_opener",
    "check_emergencies",
    "close_review",
    "closed_reviews",
    "complete_emergency",
    "deeds_of",
    "emergency_notices",
    "emergency_rate",
    "emergency_sections",
    "end_emergency",
    "is_told_of_emergencies",
    "live_openings",
    "may_open_emergency",
    "notice_words",
    "open_emergency",
    "own_opening",
    "own_openings",
    "own_words",
    "pending_reviews",
    "reviewed_opening",
    "reviewed_words",
]
