"""How long a list is by now, the backward sweep cannot ask: such programs are refused, appends and pops are not."""

import pytest

import tangent_ad as ad
from tests.hunt.compare import agree


def its_length(x: float, n: int):
    kept = []
    s = x
    for _ in range(n):
        kept.append(s)
        s = s * s + len(kept)
    return s


def its_truth(x: float, n: int):
    kept = []
    s = x
    for _ in range(n):
        if kept:
            s = s * s
        kept.append(s)
    return s


def its_falsehood(x: float, n: int):
    kept = []
    s = x
    for _ in range(n):
        s = s * s if not kept else s * 0.5
        kept.append(s)
    return s


def its_truth_and_more(x: float, n: int):
    kept = []
    s = x
    for i in range(n):
        if i > 0 and kept:
            s = s * s
        kept.append(s)
    return s


def pushed_and_popped(x: float, n: int):
    kept = []
    s = x
    for _ in range(n):
        kept.append(s * s)
        s = s * 0.5 + 0.1
    for _ in range(n):
        s = s + kept.pop() * s
    return s


@pytest.mark.parametrize("f", [its_length, its_truth, its_falsehood, its_truth_and_more], ids=lambda f: f.__name__)
def test_refused(f) -> None:
    for mode in (ad.grad, ad.value_and_grad, ad.vjp):
        with pytest.raises(ad.RefusedError, match="depends on how long a list is"):
            mode(f)


def test_pushed_and_popped() -> None:
    agree(pushed_and_popped, 0.4, 3)
