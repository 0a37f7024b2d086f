"""Random bodies as derived code has them: adjoints that are made, added to, cleared, handed on, under names that share
memory, with indices that change.

In: a seed.  Out: the text of a body, of `tests/simplify/passing.py`, that runs to its end for all arguments.
"""

from __future__ import annotations

import random

NUMBERS = ("x_bar", "y_bar", "t", "t2", "t_bar")
ARRAYS = ("u_bar", "v_bar", "w", "t3", "t3_bar")
VIEWS = ("w_bar", "z")
READ = ("x", "y")


class Body:
    """One body; `have`: the names that are bound here; arrays have four elements, views three."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.lines: list[str] = []
        self.indent = 0
        self.have: set[str] = {"x", "y", "u", "v"}

    def line(self, text: str) -> None:
        self.lines.append("    " * self.indent + text)

    def pick(self, *names: str) -> str | None:
        found = [name for name in names if name in self.have]
        return self.rng.choice(found) if found else None

    def number(self) -> str:
        rng = self.rng
        forms = [
            lambda: self.pick(*READ, *NUMBERS),
            lambda: self.pick(*NUMBERS),
            lambda: f"{self.pick('u', 'v', *ARRAYS)}[{self.index()}]",
            lambda: f"{self.pick(*READ, *NUMBERS)} * {self.pick(*READ, *NUMBERS)}",
            lambda: f"-{self.pick(*READ, *NUMBERS)}",
            lambda: f"np.sin({self.pick(*READ, *NUMBERS)})",
            lambda: f"{rng.choice(['0.5', '2.0', '-1.0', '1.0'])} * {self.pick(*READ, *NUMBERS)}",
            lambda: f"np.sum({self.pick('u', 'v', *ARRAYS)})",
        ]
        found = rng.choice(forms)()
        return found if found is not None else "x"

    def index(self) -> str:
        return self.rng.choice(["0", "1", "k", "k", "h[0]", "h[0]", "k + 1"])

    def array(self) -> str:
        rng, a = self.rng, self.pick("u", "v", *ARRAYS)
        b = self.pick("u", "v", *ARRAYS)
        return rng.choice([f"{a} * {self.pick(*READ, *NUMBERS)}", f"{a} * {b}", f"{a} + {b}", f"-{a}", f"2.0 * {a}",
                           f"copy_of({a})", f"np.zeros_like({a})", f"{a} * (1.0 * {b})"])  # fmt: skip

    def place(self) -> str | None:
        """A part of an array of the function's own, and whether it is an element."""
        base = self.pick(*ARRAYS, *VIEWS)
        return None if base is None else f"{base}[{self.index()}]"

    def meanwhile(self, deep: int, *names: str | None) -> None:
        """What stands between two statements that could be one: often it has to do with one of these names."""
        rng = self.rng
        for _ in range(rng.choice((0, 1, 1, 2))):
            name = rng.choice(names)
            if name is None or name not in self.have or name == "u" or rng.random() < 0.4:
                self.statement(deep + 1)
                continue
            at = rng.choice(["0", "1", "k", "h[0]"])
            self.line(rng.choice([f"{name}[{at}] = {self.number()}", f"y_bar = {name}[{at}]", f"z = {name}[1:]",
                                  "h[0] = 1 - h[0]", "k = 1 - k", f"{name} = u * 3.0"]))  # fmt: skip
            self.have |= {word for word in ("y_bar", "z") if self.lines[-1].lstrip().startswith(f"{word} =")}

    def pair(self, deep: int) -> None:
        """Two statements that a pass makes one, if what stands between allows."""
        rng, place = self.rng, self.place()
        match rng.randrange(5):
            case 0:
                name = rng.choice(("t", "t2", "t_bar"))
                base = self.pick("u", *ARRAYS, *VIEWS)
                self.line(f"{name} = {base}[{self.index()}] * {self.pick(*READ)}")
                self.meanwhile(deep, base)
                self.line(f"x_bar = {rng.choice(['0.5', 'x'])} + {name}")
                self.have |= {"x_bar", name}
                self.line(f"{name} = x_bar")
            case 1 if place is not None:
                self.line(f"{place} += {self.number()}")
                self.meanwhile(deep, place.partition("[")[0])
                self.line(f"{place} {rng.choice('+-')}= {self.number()}")
            case 2 if place is not None:
                self.line(f"{place} = 0.0")
                self.meanwhile(deep, place.partition("[")[0])
                self.line(f"{place} += {self.number()}")
            case 3:
                name, term = rng.sample(("u_bar", "v_bar", "t3_bar"), 2)
                self.line(f"{term} = u * {self.pick('x', 'v')}")
                self.line(f"{name} = np.zeros_like({term})")
                self.have |= {name, term}
                self.line(f"{name}[{self.index()}] += {self.pick(*READ)}")
                self.meanwhile(deep, term, name)
                self.line(f"{name} = {name} + {term}")
            case 4:
                name, source = rng.sample(("u_bar", "v_bar", "t3_bar"), 2)
                self.line(f"{source} = u * {self.pick('x', 'v')}")
                self.line(f"{name} = copy_of({source})")
                self.have |= {name, source}
                self.meanwhile(deep, source, name)
                self.line(f"{name}[{self.index()}] += {self.pick(*READ)}")

    def statement(self, deep: int) -> None:
        rng = self.rng
        if deep < 2 and rng.random() < 0.35:
            self.pair(deep)
            return
        match rng.randrange(16 if deep < 2 else 12):
            case 0 | 1:
                name, value = rng.choice(NUMBERS), self.number()
                self.line(f"{name} = {value}")
                self.have.add(name)
            case 2 if (name := self.pick(*NUMBERS)) is not None:
                self.line(f"{name} {rng.choice('+-')}= {self.number()}")
            case 3:
                name, value = rng.choice(ARRAYS), self.array()
                self.line(f"{name} = {value}")
                self.have.add(name)
            case 4 if (name := self.pick(*ARRAYS)) is not None:
                view = rng.choice(VIEWS)
                self.line(f"{view} = {name}[1:]")
                self.have.add(view)
            case 5 | 6 | 7 if (place := self.place()) is not None:
                self.line(f"{place} {rng.choice(['+=', '+=', '-=', '='])} {self.number()}")
            case 8 if (place := self.place()) is not None:
                self.line(f"{place} = 0.0")
                if rng.random() < 0.5:
                    self.line(f"{place} += {self.number()}")
            case 9:
                self.line(rng.choice(["k = 0", "k = 1", "h[0] = k", "h[0] = 1", "k = h[0]", "h[0] = 0"]))
            case 10 if (name := self.pick("u_bar", "v_bar", "t3_bar")) is not None:
                other = self.pick("u", "v", *ARRAYS)
                if other != name:
                    self.line(f"{name} = {name} + {other}")
            case 11:
                name = rng.choice(("u_bar", "v_bar", "t3_bar"))
                self.line(f"{name} = np.zeros_like({self.pick('u', 'v')})")
                self.have.add(name)
                self.line(f"{name}[{self.index()}] += {self.number()}")
            case 12 | 13:
                before = set(self.have)
                self.line(f"if {self.pick(*READ, *NUMBERS)} > {rng.choice(['0.0', '0.3'])}:")
                ends = [self.block(deep + 1)]
                if rng.random() < 0.5:
                    first, self.have = self.have, set(before)
                    self.line("else:")
                    ends.append(self.block(deep + 1))
                    self.have &= first
                else:
                    self.have = before
            case 14:
                before = set(self.have)
                self.line(f"for i in range({rng.choice(['n', '2', '0', '1'])}):")
                self.block(deep + 1)
                self.have = before
            case _:
                a, b = self.pick("u_bar", "v_bar"), self.pick("v_bar", "t3_bar")
                if a is not None and b is not None and a != b:
                    self.line(f"{a} = copy_of({b})")

    def block(self, deep: int) -> int:
        self.indent += 1
        count = len(self.lines)
        for _ in range(self.rng.randint(1, 4)):
            self.statement(deep)
        if len(self.lines) == count:
            self.line("pass")
        self.indent -= 1
        return count


def random_body(seed: int) -> str:
    made = Body(seed)
    made.line("h = np.zeros(1, int)")
    made.line("k = 1")
    for _ in range(made.rng.randint(5, 16)):
        made.statement(0)
    results = [name for name in (*NUMBERS, *ARRAYS, *VIEWS) if name in made.have and made.rng.random() < 0.6] or ["x"]
    shown = ", ".join(
        results if made.rng.random() < 0.7 else [f"copy_of({r})" if r not in NUMBERS else r for r in results]
    )
    made.line(f"return {shown}")
    return "\n".join(made.lines)
