"""Importing the package is cheap: Numba comes only when compiled code is asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_plain_derivatives_import_no_numba() -> None:
    code = """
import sys
import tangent_ad as ad
from benchmarks.programs.small import small
ad.grad(small)
sys.exit('numba' in sys.modules)
"""
    root = Path(__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False, timeout=120).returncode == 0
