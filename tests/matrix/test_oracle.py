"""The decision and the oracle agree on a hundred thousand random graphs of relations (O4)."""

from inspect import getsource
from random import Random

from matrix.graphs import ENTRIES, Case, Pool, caller_of, entry_id, ties_of
from serment.access.matrix import SHIPPED
from serment.access.model import WHOLE_DOSSIER, Action, Purpose, Section
from serment.access.policy import judge, keyable_sections
from support import oracle
from support.oracle import SECTIONS, Person, allows, allows_whole, touches

GRAPHS = 100_000
SEED = 20260312
UNHEARD_OF = 999


def test_decision_and_oracle_agree() -> None:
    random = Random(SEED)
    pool, let_in, wrong = Pool(random), 0, []
    for number in range(GRAPHS):
        case = pool.case()
        told, allowed = _compared(case, random.choice(SECTIONS))
        let_in += allowed
        if told:
            wrong.append(f"graph {number} of seed {SEED}: {told}\n{case.question}\n{case.dossier}")
        if len(wrong) > 3:
            break

    print(f"seed {SEED}: {GRAPHS} graphs, somebody let in by {let_in}")  # noqa: T201 - read with -s
    assert wrong == [], "\n\n".join(wrong)
    assert let_in > GRAPHS // 5, "refusals prove something only where others are let in"


def test_oracle_is_short_and_knows_nothing_of_the_product() -> None:
    """Whoever doubts the decision reads the oracle in one sitting."""
    source = getsource(oracle)

    assert len(source.splitlines()) <= 300
    assert "serment" not in source


def test_key_of_a_patient_may_be_made_for_all_of_their_dossier() -> None:
    assert keyable_sections(caller_of(Person(1, 1, "patient")), SHIPPED) == tuple(Section)


def _compared(case: Case, section: str) -> tuple[list[str], bool]:
    """Say where the two differ, on one section and its entries; and whether anything was allowed."""
    action, purpose = Action(case.question.action), Purpose(case.question.purpose)
    ties = ties_of(case.dossier, case.question)
    verdict = judge(caller_of(case.question.who), ties, action, purpose, case.matrix)
    if action in WHOLE_DOSSIER:
        expected = allows_whole(case.question, case.dossier, case.rules)
        told = (
            []
            if verdict.allowed == expected
            else [f"{action}: {verdict.allowed}, the oracle says {expected}"]
        )
        return told, verdict.allowed
    extent = verdict.reach.get(Section(section))
    reached = touches(case.question, case.dossier, case.rules, section)
    told = [] if (extent is not None) == reached else [f"{section}: {extent}, the oracle says {reached}"]
    for entry in (None, *ENTRIES[section], UNHEARD_OF):
        found = extent is not None and extent.covers(None if entry is None else entry_id(entry))
        expected = allows(case.question, case.dossier, case.rules, section, entry)
        if found != expected:
            told.append(f"{section} {entry}: {found}, the oracle says {expected}")
    return told, verdict.allowed
