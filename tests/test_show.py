"""`ad.show`: text in a terminal, colour in a notebook, with and without Pygments."""

import html
import importlib
import re
import sys

import pytest

import tangent_ad as ad
from tangent_ad.errors import UsageError

module = importlib.import_module("tangent_ad.show")


def cube(x):
    return x * x * x


def test_text():
    made = ad.grad(cube)
    assert str(ad.show(made)) == repr(ad.show(made)) == made.source
    assert str(ad.show(cube)) == "def cube(x):\n    return x * x * x\n"
    with pytest.raises(UsageError, match="has no source"):
        ad.show(len)


def plain(text):
    return html.unescape(re.sub(r"<[^>]+>", "", text))


def test_colour():
    pytest.importorskip("pygments")
    made = ad.grad(cube)
    found = ad.show(made)._repr_html_()
    assert "color: #" in found and "<script" not in found
    assert plain(found).strip() == made.source.strip()


def test_without_pygments(monkeypatch):
    monkeypatch.setitem(sys.modules, "pygments", None)
    found = ad.show(ad.grad(cube))._repr_html_()
    assert "<span" not in found and plain(found).strip() == ad.grad(cube).source.strip()
    assert "&lt;" in module.html_of("a < b")


def test_a_session_shows_derivatives_by_itself():
    formatters = pytest.importorskip("IPython.core.formatters")

    class Session:
        display_formatter = formatters.DisplayFormatter()

    module.install(Session())
    shown, _ = Session.display_formatter.format(ad.grad(cube))
    assert "cube_grad" in plain(shown["text/html"])
    compiled = ad.grad(cube, jit=True)
    compiled(2.0)
    shown, _ = Session.display_formatter.format(compiled)
    assert "def cube_grad" in plain(shown["text/html"])
    for other in (cube, len, 3):
        shown, _ = Session.display_formatter.format(other)
        assert "text/html" not in shown


def test_importing_does_not_import_ipython_or_pygments():
    import subprocess

    code = "import sys, tangent_ad; sys.exit(bool({'IPython', 'pygments', 'numba', 'matplotlib'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], stdin=subprocess.DEVNULL).returncode == 0
