"""The table that `tangent-ad rules` prints.

In: the registry of rules, the table of kinks.  Out: text.
"""

from __future__ import annotations

import operator

import tangent_ad.rules  # noqa: F401  the rules enter themselves when they are imported
from tangent_ad.core.build import BINARY
from tangent_ad.rules import kinks
from tangent_ad.rules.registry import Rule, all_rules

SIGNS = {fn: f"x {sign} y" for sign, fn in BINARY.items()} | {
    operator.lshift: "x << y",
    operator.rshift: "x >> y",
    operator.neg: "-x",
    operator.pos: "+x",
    operator.invert: "~x",
    operator.not_: "not x",
    operator.is_: "x is y",
    operator.is_not: "x is not y",
    operator.contains: "y in x",
    operator.getitem: "x[i]",
}
MODES = {"zero": "none", "refused": "refused"}
NOTES = {"zero": "no derivative flows through it"}


def rules_text() -> str:
    """Each function with its modes and a note; then what the derivative is where calculus does not say.

    >>> lines = rules_text().splitlines()
    >>> lines[0].split()
    ['function', 'modes', 'note']
    >>> [line.split()[:3] for line in lines if line.startswith("np.sin ")]
    [['np.sin', 'jvp,', 'vjp']]
    """
    # helpers of emitted text have rules too, but are not called by users
    rules = [r for r in all_rules() if getattr(r.fn, "__module__", None) != "tangent_ad.runtime.helpers"]
    signs = set(SIGNS.values())
    rows = sorted({_row(rule) for rule in rules}, key=lambda row: (row[0] not in signs, row))
    table = [("function", "modes", "note"), *rows]
    first, second = (max(len(row[k]) for row in table) for k in (0, 1))
    lines = [f"{a:{first}}  {b:{second}}  {c}".rstrip() for a, b, c in table]
    return "\n".join([*lines, "", *_kinks()])


def _row(rule: Rule) -> tuple[str, str, str]:
    name = SIGNS.get(rule.fn, rule.spelling)
    return name, MODES.get(rule.diff, "jvp, vjp"), rule.note or NOTES.get(rule.diff, "")


def _kinks() -> list[str]:
    """The table in the docstring of the kinks, without its markup."""
    rows = [line.strip("|").split("|") for line in (kinks.__doc__ or "").splitlines() if line.startswith("|")]
    cells = [(row[0].strip(), row[1].strip()) for row in rows if not row[0].startswith("--")]
    width = max((len(where) for where, _ in cells), default=0)
    return [f"{where:{width}}  {what}" for where, what in cells]
