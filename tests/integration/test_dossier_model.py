"""A dossier against a plain dictionary: whatever is filed, amended and withdrawn, both say the same."""

from dataclasses import dataclass, field, replace
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serment import access, clinical, dossier
from support.dossier import MARTIN, House

KINDS = st.sampled_from([clinical.DocumentKind.LETTER, clinical.DocumentKind.IMAGE])
TITLES = st.sampled_from(["Lettre", "Échographie", "Bilan 1, 2", 'Note "à part"\\'])
WHICH = st.integers(0, 9)
ACTS = st.one_of(
    st.tuples(st.just("file"), TITLES, KINDS, st.booleans(), st.binary(min_size=1, max_size=40)),
    st.tuples(st.just("amend"), WHICH, TITLES),
    st.tuples(st.just("amend-what-moved"), WHICH, TITLES),
    st.tuples(st.just("withdraw"), WHICH),
    st.tuples(st.just("list"), st.sampled_from(["", "lettre", "echo"])),
)


@dataclass
class Known:
    """What a dictionary knows of one document: its versions, oldest first, and its bytes."""

    section: access.Section
    content: bytes
    versions: list[dossier.Document] = field(default_factory=list)

    @property
    def newest(self) -> dossier.Document:
        return self.versions[-1]


class Pair:
    """A dossier and the dictionary beside it."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.known: list[Known] = []

    def do(self, act: tuple[object, ...]) -> None:
        match act:
            case ("file", str(title), clinical.DocumentKind() as kind, bool(sensitive), bytes(content)):
                self._file(title, kind, content, sensitive=sensitive)
            case ("amend", int(which), str(title)) if self.known:
                self._amend(self.known[which % len(self.known)], title)
            case ("amend-what-moved", int(which), str(title)) if self.known:
                self._amend_what_moved(self.known[which % len(self.known)], title)
            case ("withdraw", int(which)) if self.known:
                self._withdraw(self.known[which % len(self.known)])
            case ("list", str(words)):
                self.compare_lists(words)
            case _:
                """There is nothing yet to do that to."""

    def _file(self, title: str, kind: clinical.DocumentKind, content: bytes, *, sensitive: bool) -> None:
        filed = self.house.file(
            b"text " + content.hex().encode(), title=title, kind=kind, sensitive=sensitive
        )
        expected = {True: access.Section.SENSITIVE, False: access.Section.CLINICAL}[sensitive]
        if kind is clinical.DocumentKind.IMAGE and not sensitive:
            expected = access.Section.IMAGING
        self.known.append(Known(expected, b"text " + content.hex().encode(), [filed]))

    def _amend(self, known: Known, title: str, before: dossier.Document | None = None) -> None:
        read = before or known.newest
        draft = dossier.Draft(title, read.description.kind, date(2026, 3, 11))
        house = self.house
        try:
            with house.database.unit_of_work() as uow:
                permit = dossier.decide_entry(
                    uow, house.physician, access.Action.AMEND, house.martin, read.head.id
                )
                known.versions.append(dossier.amend_document(uow, permit, read, draft, note="Reprise"))
        except dossier.AlreadyWithdrawn:
            assert read.is_withdrawn
        else:
            assert not read.is_withdrawn

    def _amend_what_moved(self, known: Known, title: str) -> None:
        if len(known.versions) == 1:
            return
        count = len(known.versions)
        try:
            self._amend(known, title, known.versions[0])
        except dossier.VersionConflict:
            assert len(known.versions) == count
        else:
            raise AssertionError("an old version was amended")

    def _withdraw(self, known: Known) -> None:
        house, before = self.house, known.newest
        try:
            with house.database.unit_of_work() as uow:
                entry = before.head.id
                permit = dossier.decide_entry(
                    uow, house.physician, access.Action.WITHDRAW, house.martin, entry
                )
                known.versions.append(dossier.withdraw_document(uow, permit, before, "Erreur"))
        except dossier.AlreadyWithdrawn:
            assert before.is_withdrawn
        else:
            assert not before.is_withdrawn

    def compare_lists(self, words: str = "") -> None:
        """Each newest version is listed once, in its section; withdrawn ones only when asked for."""
        wanted = dossier.Filter(text=words, withdrawn=True)
        everything = self.house.lines(self.house.physician, wanted)
        assert {line.entry: (line.version, line.title, line.section, line.withdrawn) for line in everything} == {
            known.newest.head.id: (
                known.newest.version, known.newest.description.title, known.section, known.newest.is_withdrawn
            )
            for known in self.known
            if words in clinical.normalise_name(known.newest.description.title).lower()
        }  # fmt: skip
        assert len({line.entry for line in everything}) == len(everything)
        present = self.house.lines(self.house.physician, replace(wanted, withdrawn=False))
        assert present == tuple(line for line in everything if not line.withdrawn)

    def compare_documents(self) -> None:
        """Every version comes back as it was written, and its bytes with it."""
        for known in self.known:
            house, entry = self.house, known.newest.head.id
            with house.database.unit_of_work() as uow:
                permit = dossier.decide_entry(uow, house.physician, access.Action.READ, house.martin, entry)
                history = dossier.history_of(uow, permit, entry)
                served = dossier.open_content(uow, permit, entry)
            assert [(one.version, one.description, one.note) for one in reversed(history)] == [
                (one.version, one.description, one.note) for one in known.versions
            ]
            assert served.whole() == known.content


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, max_size=12))
def test_dossier_agrees_with_a_dictionary(embedded_house: House, acts: list[tuple[object, ...]]) -> None:
    with embedded_house.database.unit_of_work() as uow:
        fresh = dossier.create_dossier(uow, embedded_house.physician, MARTIN)
    pair = Pair(replace(embedded_house, martin=fresh))

    for act in acts:
        pair.do(act)

    pair.compare_lists()
    pair.compare_documents()
