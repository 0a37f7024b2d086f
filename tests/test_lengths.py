"""The mean length of derivatives is at most 2.5 times that of the functions they come from."""

from __future__ import annotations

from tests.golden.__main__ import MODES, NAMES
from tests.lengths import lengths, mean_ratio

AT_MOST = 2.5


def test_mean_length() -> None:
    found = lengths()
    assert len(found) == len(NAMES) * len(MODES)
    assert mean_ratio(found) <= AT_MOST


def test_called_functions_count() -> None:
    joint = next(one for one in lengths() if one.name == "joint_call")
    assert joint.primal == 11  # four statements of f, seven of the function that it calls
