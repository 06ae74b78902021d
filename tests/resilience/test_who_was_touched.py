"""The bench of who was touched, in little: the answer is right, and every figure is printed."""

import pytest
from bench import touched


def test_the_bench_finds_exactly_who_was_touched(capsys: pytest.CaptureFixture[str]) -> None:
    touched.main(2_000)

    said = capsys.readouterr().out
    assert "of the suspect                          200 traces, 200 deeds" in said
    assert "memory that the answer took" in said
