"""What is done through an opening: written with the decision, read by whoever looks at the opening."""

from serment import kernel
from serment.access.emergency import store
from serment.access.emergency.model import EmergencyUse
from serment.access.emergency.traces import OPENING
from serment.access.model import Action, EntryId, OpeningId, Section

__all__ = ["OPENING", "note_use"]


def note_use(
    uow: kernel.UnitOfWork,
    opening: OpeningId,
    action: Action,
    section: Section | None,
    entry: EntryId | None,
) -> None:
    """Remember what was done through an opening, for whoever looks at it; the trail says the same to the patient.

    To see the name alone takes no opening, and is none of its uses.
    """
    if section is Section.IDENTITY:
        return
    identifier, use = kernel.new_id(), EmergencyUse(uow.now, action, section, entry)
    uow.insist(lambda work: store.insert_use(work, opening, identifier, use))
