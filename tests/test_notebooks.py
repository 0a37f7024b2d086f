"""The notebooks run from top to bottom, and show what they say they show."""

import json
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted(ROOT.glob("notebooks/*.ipynb"))


def test_there_is_one():
    assert [path.name for path in NOTEBOOKS] == ["first_gradient.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_written_without_output(path):
    """What a run shows is not kept in the repository."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        assert not cell.get("outputs") and cell.get("execution_count") is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs(path, tmp_path, monkeypatch):
    for package in ("nbformat", "nbclient", "ipykernel", "matplotlib", "pygments"):
        pytest.importorskip(package, reason=f"the notebook needs {package}: pip install '.[test]'")
    import nbclient
    import nbformat
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

    class ThisPython(KernelSpecManager):
        """The kernel is the Python that runs the tests, whatever else is installed."""

        def get_kernel_spec(self, kernel_name):
            command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=command, display_name="tests", language="python")

    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path / "matplotlib"))
    from jupyter_client.manager import AsyncKernelManager

    notebook = nbformat.read(path, as_version=4)
    manager = AsyncKernelManager(kernel_spec_manager=ThisPython())
    nbclient.NotebookClient(
        notebook, km=manager, timeout=240, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    outputs = [out for cell in notebook.cells if cell.cell_type == "code" for out in cell.outputs]
    shown = [kind for out in outputs for kind in out.get("data", {})]
    printed = "".join(out.get("text", "") for out in outputs)
    assert any("misfit_grad_k_c" in out.get("data", {}).get("text/html", "") for out in outputs)
    assert "image/png" in shown
    for words in ("kept in q_saved", "stored by misfit_grad_k_c", "microseconds", "k = "):
        assert words in printed
