from itertools import product
from random import Random

from serment import kernel
from serment.access.model import Against, Bar, EntryId, Extent, Hidden, Restricted, Section

A, B, C = (EntryId(kernel.new_id()) for _ in range(3))
ALL = (A, B, C)
#: Every extent on three entries: all of them or some, without some.
SETS = [
    frozenset(one for one, taken in zip(ALL, chosen, strict=True) if taken)
    for chosen in product((0, 1), repeat=3)
]
EXTENTS = [Extent(only, but) for only in (None, *SETS) for but in SETS]


def reached(extent: Extent) -> set[EntryId]:
    return {entry for entry in ALL if extent.covers(entry)}


def test_extent_reaches_all_or_some_without_what_it_leaves_out() -> None:
    assert reached(Extent()) == {A, B, C}
    assert reached(Extent(but=frozenset({A}))) == {B, C}
    assert reached(Extent(frozenset({A, B}), frozenset({A}))) == {B}
    assert reached(Extent(frozenset())) == set()


def test_section_as_a_whole_is_reached_whatever_is_hidden_in_it() -> None:
    assert Extent().covers(None)
    assert Extent(but=frozenset(ALL)).covers(None)
    assert not Extent(frozenset(ALL)).covers(None)


def test_extent_names_the_entries_that_it_is_limited_to() -> None:
    assert Extent(frozenset({A, B}), frozenset({B})).named == {A}
    assert Extent(but=frozenset({A})).named == frozenset()


def test_extents_join_without_and_within_as_sets_do() -> None:
    for one, other in product(EXTENTS, EXTENTS):
        assert reached(one.joined(other)) == reached(one) | reached(other)
    for one, some in product(EXTENTS, SETS):
        assert reached(one.without(some)) == reached(one) - some
        assert reached(one.within(some)) == reached(one) & some


def test_joined_extents_reach_no_entry_that_is_to_come_but_by_a_whole_section() -> None:
    to_come = EntryId(kernel.new_id())
    for one, other in product(EXTENTS, EXTENTS):
        assert one.joined(other).covers(to_come) is (one.covers(to_come) or other.covers(to_come))


def test_hidden_takes_sections_and_entries_away_but_not_what_one_filed() -> None:
    hidden = Hidden(frozenset({Section.IMAGING}), frozenset({A, B}), frozenset({B}))

    assert hidden.left_of(Section.CLINICAL, Extent()) == Extent(but=frozenset({A}))
    assert reached(hidden.left_of(Section.IMAGING, Extent())) == {B}
    assert (hidden.hides(Section.CLINICAL, A), hidden.hides(Section.CLINICAL, B)) == (True, False)
    assert (hidden.hides(Section.IMAGING, C), hidden.hides(Section.IMAGING, B)) == (True, False)
    assert not hidden.hides(Section.CLINICAL, C)


def test_what_is_left_of_any_extent_agrees_with_what_is_hidden() -> None:
    draw = Random(4)
    for extent in EXTENTS:
        sections = frozenset(draw.sample([Section.CLINICAL, Section.IMAGING], draw.randrange(3)))
        hidden = Hidden(sections, draw.choice(SETS), draw.choice(SETS))
        for section in (Section.CLINICAL, Section.IMAGING):
            seen = {entry for entry in reached(extent) if not hidden.hides(section, entry)}
            assert reached(hidden.left_of(section, extent)) == seen


def test_restrictions_hide_by_kind_and_give_way_by_section() -> None:
    restricted = Restricted(
        (Bar(Against.PERSON, Section.CLINICAL, A), Bar(Against.PROFESSIONALS, Section.IMAGING)),
        frozenset({C}),
    )

    assert restricted.hidden(frozenset({Against.PERSON})) == Hidden(
        entries=frozenset({A}), own=frozenset({C})
    )
    professionals = frozenset({Against.PROFESSIONALS})
    assert restricted.hidden(professionals).sections == {Section.IMAGING}
    assert restricted.hidden(professionals, but=frozenset({Section.IMAGING})).sections == frozenset()
    assert restricted.hidden(frozenset(Against), but=frozenset({Section.CLINICAL})).entries == frozenset()


def test_everything_closed_leaves_the_identity() -> None:
    everything = Restricted((Bar(Against.PERSON),)).hidden(frozenset({Against.PERSON}))

    assert everything.sections == frozenset(Section) - {Section.IDENTITY}
