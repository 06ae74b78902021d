"""What is offered, to whom and until when: read from a form or an address, which hold ids and codes only."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from serment import access
from serment.access import EntryId, GrantRequest, Purpose, Section
from serment.edge.pages.sharing.grantees import Grantee
from serment.edge.shell import mark

#: How long an opening may last, in days, and in words.
LENGTHS = {"7": mark("7 jours"), "30": mark("30 jours"), "183": mark("6 mois")}
USUAL_LENGTH = "30"


@dataclass(frozen=True)
class Offer:
    """One document (`entry`) or sections of a dossier, for a number of days, to whom a code names."""

    entry: EntryId | None
    sections: tuple[Section, ...]
    days: str
    to: str

    def ends_at(self, now: datetime) -> datetime:
        """Return when the opening would end."""
        return now + timedelta(days=int(self.days))

    def address(self, base: str) -> str:
        """Return the address of the page that asks to confirm this offer."""
        said = [("entry", str(self.entry))] if self.entry is not None else []
        said += [("section", section.value) for section in self.sections if self.entry is None]
        return f"{base}/share?" + urlencode([*said, ("days", self.days), ("to", self.to)])

    def request(self, sections: frozenset[Section], to: Grantee, now: datetime) -> GrantRequest:
        """Return the opening to be made."""
        entries = None if self.entry is None else frozenset({self.entry})
        return access.GrantRequest(to.account, to.team, sections, entries, Purpose.CARE, self.ends_at(now))


def read_offer(one: Callable[[str], str], several: Callable[[str], list[str]]) -> Offer:
    """Read an offer: `one` gives the value of a field, `several` all values of one; codes there are not are left out."""
    days = one("days")
    sections = [Section(code) for code in several("section") if code in list(Section)]
    return Offer(
        _entry(one("entry")),
        tuple(dict.fromkeys(sections)),
        days if days in LENGTHS else USUAL_LENGTH,
        one("to"),
    )


def _entry(text: str) -> EntryId | None:
    """Return the entry that is named.

    Raises:
        AccessRefused: it is no identifier of ours.
    """
    if not text:
        return None
    try:
        return EntryId(UUID(text))
    except ValueError:
        raise access.AccessRefused("no-such-entry") from None
