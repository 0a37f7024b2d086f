"""`python -m tests.random_programs`: check many programs, print counts and reduced failures; exit 1 on any."""

from __future__ import annotations

import argparse
import os
import sys

from tests.random_programs.generate import generate
from tests.random_programs.laws import MODES
from tests.random_programs.run import Plan, run, text


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.random_programs")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first program")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--modes", default="forward,reverse,second", help=f"some of {','.join(MODES)}")
    parser.add_argument("--jit-every", type=int, default=20, help="compile every n-th program")
    parser.add_argument("--second-every", type=int, default=1, help="second derivatives of every n-th program")
    parser.add_argument(
        "--least",
        type=int,
        default=0,
        help="how often each production must meet each mode; programs for the costly modes are then chosen",
    )
    parser.add_argument("--seconds", type=float, default=2400.0, help="begin no more programs after so long")
    parser.add_argument("--show", type=int, default=8, help="how many groups of failures to reduce and print")
    parser.add_argument("--no-coverage", action="store_true")
    parser.add_argument("--print", type=int, metavar="K", dest="which", help="print program K and stop")
    options = parser.parse_args()
    if options.which is not None:
        program = generate(options.seed, options.which)
        print(program.source, f"\n# wrt={program.wrt} {program.dtype} {program.arguments()}")
        return 0
    os.environ["TANGENT_AD_STRICT"] = "1"
    modes = tuple(options.modes.split(","))
    unknown = set(modes) - set(MODES)
    if unknown:
        parser.error(f"unknown modes {sorted(unknown)}")
    every = {"jit": options.jit_every, "second": options.second_every}
    plan = Plan(options.seed, options.count, modes, every, options.first, options.least, options.jobs, options.seconds)
    report = run(plan, lambda line: print(line, flush=True))
    print(text(report, options.seed, modes, options.show, not options.no_coverage), flush=True)
    reason = report.bad(least=options.least)
    if reason:
        print(f"FAILED: {reason}")
    return 1 if reason else 0


if __name__ == "__main__":
    sys.exit(main())
