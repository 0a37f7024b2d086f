"""Small programs for tests of analyses.

In: the text of a body, in normal form or not.  Out: `Program`: the function as analyses see it, its facts, and its
statements by their text.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tangent_ad.analyses.annotations import annotated_kinds
from tangent_ad.analyses.defs import Definitions, find_definitions
from tangent_ad.analyses.facts import Facts, find_facts
from tangent_ad.analyses.kinds import Kinds, infer_kinds
from tangent_ad.analyses.webs import Webs, find_webs
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import statements
from tangent_ad.emit.text import body_text
from tangent_ad.frontend.desugar import desugar
from tangent_ad.frontend.read import read_function
from tests.frontend.defining import define


@dataclass(frozen=True)
class Program:
    fn: n.Function
    wrt: tuple[str, ...]

    @staticmethod
    def of(f: Any, wrt: tuple[str, ...]) -> Program:
        return Program(desugar(read_function(f)), wrt)

    def __getitem__(self, text: str) -> int:
        """The number of the statement that begins with this line; of several, `line@1` is the second."""
        line, _, which = text.partition("@")
        found = [s.num for s in statements(self.fn.body) if body_text((s,)).splitlines()[0] == line]
        assert found and (which or len(found) == 1), body_text(self.fn.body)
        return found[int(which or 0)]

    def nums(self, *texts: str) -> set[int]:
        """The numbers of statements; "param" and "undefined" stand for themselves."""
        return {{"param": -1, "undefined": -2}[t] if t in ("param", "undefined") else self[t] for t in texts}

    @cached_property
    def defs(self) -> Definitions:
        return find_definitions(self.fn)

    @cached_property
    def webs(self) -> Webs:
        return find_webs(self.fn)

    @cached_property
    def kinds(self) -> Kinds:
        return infer_kinds(self.fn, self.webs, annotated_kinds(self.fn))

    @cached_property
    def scalar_kinds(self) -> Kinds:
        return infer_kinds(self.fn, self.webs, annotated_kinds(self.fn), scalar_result=True)

    @cached_property
    def facts(self) -> Facts:
        return find_facts(self.fn, self.wrt, annotated_kinds(self.fn), False, "all")


def program(head: str, body: str, wrt: str = "", **names: object) -> Program:
    """`def f(<head>): <body>`; differentiated in `wrt`, or in its first parameter."""
    lines = "".join(f"    {line}\n" for line in body.strip("\n").splitlines())
    fn = desugar(read_function(define(f"def f({head}):\n{lines}", "f", names)))
    return Program(fn, tuple(wrt.split()) or (fn.params[0].name,))
