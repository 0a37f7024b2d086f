"""ADBench's reference values: per input file the value and, per argument, the gradient's norm and first entry.

In: nothing.  Out: the table, and the programs and readers that go with each file.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import data
from benchmarks.programs import gmm, lstm


class Reference(NamedTuple):
    file: str
    value: float
    gradients: dict[str, tuple[float, float]]

    @property
    def programs(self) -> tuple[Callable[..., Any], ...]:
        return (gmm.gmm_loops, gmm.gmm_arrays) if self.file[0] == "g" else (lstm.lstm_loops, lstm.lstm_arrays)

    @property
    def wrt(self) -> tuple[str, ...]:
        return tuple(self.gradients)

    def arguments(self, folder: Path) -> tuple[Any, ...]:
        read = data.read_gmm if self.file[0] == "g" else data.read_lstm
        return read(folder / f"{self.file}.txt")


REFERENCES = (
    Reference(
        "gmm_d2_K5",
        -5240.590562549581,
        {
            "alpha": (587.5386271064228, 167.21527511000124),
            "mu": (697.3012676193171, -392.8564899174963),
            "icf": (894.3045901120726, 18.729232887095407),
        },
    ),
    Reference(
        "gmm_d10_K25",
        -25649.65262119733,
        {
            "alpha": (298.7602086876708, 48.346683416110515),
            "mu": (1799.5917080598463, -71.36975056935515),
            "icf": (1939.2210637927494, -2.133560932478481),
        },
    ),
    Reference(
        "gmm_d32_K50",
        -176686.52222310012,
        {
            "alpha": (212.2145486926501, -3.6217920986744043),
            "mu": (9073.594043658304, -184.6618139905068),
            "icf": (7579.907261429065, 91.57957937268715),
        },
    ),
    Reference(
        "lstm_l2_c1024",
        0.6666651795588522,
        {
            "main": (0.029439124890877556, 3.1438702499610347e-06),
            "extra": (0.09005146879230805, 8.95056656284426e-06),
        },
    ),
    Reference(
        "lstm_l4_c4096",
        0.6872684039818147,
        {
            "main": (0.02613519260794932, 2.9310513014515224e-08),
            "extra": (0.09255151583259856, 1.6548507025695002e-08),
        },
    ),
)
