"""The table of problems is complete: no error of the house is answered as unforeseen."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import serment
from serment import kernel
from serment.edge import shell
from serment.edge.shell.problems import STATUSES, UNFORESEEN

_ROOTS = {"serment", "identity"}  # families that are raised through their members only
_NOT_THE_EDGE = "serment.app"  # what the operator's command says in its own words


def _every_error(kind: type[kernel.SermentError]) -> Iterator[type[kernel.SermentError]]:
    for member in kind.__subclasses__():
        yield member
        yield from _every_error(member)


def _raised_in_serving() -> set[type[kernel.SermentError]]:
    for module in pkgutil.walk_packages(serment.__path__, "serment."):
        if not module.name.startswith(_NOT_THE_EDGE) and module.name.endswith("errors"):
            importlib.import_module(module.name)
    return {
        error
        for error in _every_error(kernel.SermentError)
        if error.__module__.startswith("serment.")
        and not error.__module__.startswith(_NOT_THE_EDGE)
        and error.code not in _ROOTS
    }


def test_every_error_has_its_answer() -> None:
    assert {
        error.code for error in _raised_in_serving() if shell.problem_of(error.__new__(error)) is UNFORESEEN
    } == set()


def test_every_code_belongs_to_one_error() -> None:
    codes = [error.code for error in _raised_in_serving()]

    assert sorted(codes) == sorted(set(codes))


def test_no_line_of_the_table_is_for_an_error_that_is_gone() -> None:
    assert set(shell.PROBLEMS) - {error.code for error in _raised_in_serving()} == set()


def test_a_member_is_answered_as_its_family() -> None:
    class Guessable(kernel.SermentError):
        code = "identity.password.refused"

    class MoreGuessable(Guessable):
        code = "test.more-guessable"

    assert shell.problem_of(MoreGuessable()) is shell.PROBLEMS["identity.password.refused"]


@pytest.mark.parametrize(
    "code", ["access.refused", "access.permit-mismatch", "dossier.upload-not-found", "identity.not-permitted"]
)
def test_forbidden_answers_as_absent(code: str) -> None:
    assert shell.PROBLEMS[code] is shell.PROBLEMS["page.not-found"] is STATUSES[404]


def test_only_what_we_did_not_foresee_is_a_500() -> None:
    assert [code for code, problem in shell.PROBLEMS.items() if problem.status == 500] == []


def test_every_answer_says_what_to_do_now() -> None:
    answers = [*shell.PROBLEMS.items(), *STATUSES.items()]

    assert [
        code for code, one in answers if one.advice.startswith("Rien") and one.advice.count(".") < 2
    ] == []
