"""The `tangent-ad` command: derivatives, checks and tables from the shell.

In: the words of the command line.  Out: text on stdout, messages on stderr, an exit code (0 done, 2 refused or wrong
usage).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tangent_ad import cli_target as target
from tangent_ad.errors import TangentError

MODES = ("grad", "value_and_grad", "jvp", "vjp", "hvp", "jacobian", "hessian")

EXAMPLES = """\
examples:
  tangent-ad grad model.py:loss                     the gradient in the first parameter
  tangent-ad grad model.py:loss --wrt w,b -o d.py   in w and b, as a file that does not need tangent_ad
  tangent-ad grad package.model:loss --mode jvp     forward mode, of a function in an installed package
  tangent-ad check model.py:loss --args "np.ones(3), 2.0"
  tangent-ad explain model.py:loss                  the program after each pass
  tangent-ad rules                                  the functions that have a derivative
  tangent-ad demo                                   a mixture model fitted to real data
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters: the words after the command's name; those of the process if None.
    Returns: the exit code.
    Raises: SystemExit for --help, --version and wrong usage, as argparse does.

    >>> main(["grad", "nowhere.py:f"])
    2
    """
    options = _parser().parse_args(argv)
    try:
        options.run(options)
        sys.stdout.flush()
    except TangentError as error:
        print(f"tangent-ad: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # the reader (head, less) has left: nothing more to say, also not at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def _grad(options: argparse.Namespace) -> None:
    f = target.load(options.target)

    from tangent_ad.saved import module_text

    text = module_text(f, options.wrt, options.mode, options.jit)
    if options.output is None:
        print(text, end="" if text.endswith("\n") else "\n")
        return
    try:
        Path(options.output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise TangentError(f"cannot write {options.output}: {error.strerror}") from error
    print(f"wrote {options.output}", file=sys.stderr)


def _check(options: argparse.Namespace) -> None:
    f = target.load(options.target)
    args = target.arguments(f, options.args)

    import tangent_ad as ad

    report = ad.check(f, *args, wrt=options.wrt, order=options.order)
    print("the derivatives agree" if report is None else report)


def _explain(options: argparse.Namespace) -> None:
    f = target.load(options.target)

    import tangent_ad as ad

    print(ad.explain(f, mode=options.mode, wrt=options.wrt))


def _rules(options: argparse.Namespace) -> None:
    from tangent_ad.cli_rules import rules_text

    print(rules_text())


def _demo(options: argparse.Namespace) -> None:
    from tangent_ad.demo import run

    run(options.out)


class _Version(argparse.Action):
    """Print the version; looked up only when asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib.metadata import version

        print(f"tangent-ad {version('tangent-ad-compiler')}")
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tangent-ad",
        description="Writes the derivative of a Python function as a Python function.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and leave")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    grad = _command(commands, "grad", _grad, "write the derivative as a module of its own", EXAMPLES)
    _function(grad)
    grad.add_argument("--mode", choices=MODES, default="grad", help="which derivative (default: grad)")
    grad.add_argument("--jit", action="store_true", help="a module compiled by Numba")
    grad.add_argument("-o", "--output", metavar="OUT.py", help="write to this file instead of stdout")

    check = _command(commands, "check", _check, "compare the derivatives with finite differences", EXAMPLES)
    _function(check)
    check.add_argument(
        "--args",
        metavar="EXPR",
        help="the arguments of the call, as Python with np and math, e.g. 'np.ones(3), n=2' "
        "(default: 0.7 for each parameter without a default)",
    )
    check.add_argument("--order", type=int, choices=(1, 2), default=2, help="highest derivative checked (default: 2)")

    explain = _command(commands, "explain", _explain, "show the program after each pass", EXAMPLES)
    _function(explain)
    explain.add_argument("--mode", choices=MODES, default="grad", help="which derivative (default: grad)")

    _command(commands, "rules", _rules, "list the functions that have a derivative")
    demo = _command(commands, "demo", _demo, "fit a mixture model to the Old Faithful eruptions")
    demo.add_argument("--out", type=Path, metavar="FOLDER", help="folder for the written module (default: temporary)")
    return parser


def _command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], None], summary: str, epilog: str = ""
) -> argparse.ArgumentParser:
    lines = [
        line for line in epilog.splitlines() if not line.startswith("  ") or line.startswith(f"  tangent-ad {name}")
    ]
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
        epilog="\n".join(lines),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser


def _function(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="FILE.py:FUNC", help="the function; also package.module:FUNC")
    parser.add_argument(
        "--wrt",
        type=target.wrt,
        default=0,
        metavar="NAMES",
        help="what to differentiate in: a parameter's name or position, or several with commas (default: 0)",
    )


if __name__ == "__main__":
    sys.exit(main())
