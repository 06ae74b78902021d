"""The filters of a timeline: families of kinds, sections, withdrawn documents. An address holds their codes only."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.requests import Request

from serment import access
from serment.edge.pages.dossiers.rows import Row
from serment.edge.pages.vocabulary import FAMILY_WORDS, SECTION_WORDS, Family
from serment.edge.shell import Link, Words, mark

#: Sections that the filter of families tells already: "Images" and "Imagerie" side by side make one hesitate.
_TOLD_BY_FAMILIES = frozenset({access.Section.CLINICAL, access.Section.IMAGING})


@dataclass(frozen=True)
class Chosen:
    """Which rows are wanted; None leaves a trait open."""

    family: Family | None = None
    section: access.Section | None = None
    withdrawn: bool = False

    def keeps(self, row: Row) -> bool:
        """Tell whether a row is wanted."""
        if row.line.withdrawn != self.withdrawn:
            return False
        return self.family in (None, row.family) and self.section in (None, row.line.section)

    def address(self, base: str) -> str:
        """Return the address of this choice."""
        said = {"family": self.family, "section": self.section, "withdrawn": "1" if self.withdrawn else None}
        query = urlencode({name: code for name, code in said.items() if code})
        return f"{base}?{query}" if query else base


def read_chosen(request: Request) -> Chosen:
    """Return what the address asks for; codes that there are not leave the filter open."""
    asked = request.query_params
    family, section = asked.get("family"), asked.get("section")
    return Chosen(
        Family(family) if family in list(Family) else None,
        access.Section(section) if section in list(access.Section) else None,
        withdrawn=asked.get("withdrawn") == "1",
    )


def family_links(base: str, rows: Sequence[Row], chosen: Chosen, words: Words) -> list[Link]:
    """Return a link for each family that there is, with how many rows each would show."""
    shown = [row for row in rows if replace(chosen, family=None).keeps(row)]
    counts = Counter(row.family for row in shown)
    links = [
        Link(
            words.say(mark("Tout")), replace(chosen, family=None).address(base),
            current=chosen.family is None, count=len(shown),
        )
    ]  # fmt: skip
    for family, word in FAMILY_WORDS.items():
        if counts[family] or chosen.family is family:
            address = replace(chosen, family=family).address(base)
            links.append(
                Link(words.say(word), address, current=chosen.family is family, count=counts[family])
            )
    return links


def section_links(base: str, rows: Sequence[Row], chosen: Chosen, words: Words) -> list[Link]:
    """Return a link for each section that there is, when families do not tell them, and one for what was withdrawn."""
    sections = sorted({row.line.section for row in rows}, key=list(access.Section).index)
    links: list[Link] = []
    if not _TOLD_BY_FAMILIES.issuperset(sections):
        for section in sections:
            current = chosen.section is section
            address = replace(chosen, section=None if current else section).address(base)
            sign = "lock" if section is access.Section.SENSITIVE else None
            links.append(Link(words.say(SECTION_WORDS[section]), address, current=current, sign=sign))
    withdrawn = sum(row.line.withdrawn for row in rows)
    if withdrawn or chosen.withdrawn:
        address = Chosen(withdrawn=not chosen.withdrawn).address(base)
        links.append(
            Link(words.say(mark("Retirés")), address, current=chosen.withdrawn, count=withdrawn, sign="ban")
        )
    return links
