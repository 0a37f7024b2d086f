"""The `tangent-ad` command: derivatives, checks and tables from the shell.

In: the words of the command line.  Out: text on stdout, messages on stderr, an exit code (0 done, 1 a file is stale,
2 refused or wrong usage).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tangent_ad import cli_target as target
from tangent_ad.errors import TangentError, UsageError

MODES = ("grad", "value_and_grad", "jvp", "vjp", "hvp", "jacobian", "hessian")

EXAMPLES = """\
examples:
  tangent-ad grad model.py:loss                     the gradient in the first parameter
  tangent-ad grad model.py:loss --wrt w,b -o d.py   in w and b, as a file that does not need tangent_ad
  tangent-ad grad package.model:loss --mode jvp     forward mode, of a function in an installed package
  tangent-ad grad model.py:loss -o d.py --check     exit 1 if d.py is not what would be written now
  tangent-ad build                                  write what [tool.tangent-ad] in pyproject.toml lists
  tangent-ad build --check                          exit 1 if any of it is stale
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
        good = options.run(options)
        sys.stdout.flush()
    except TangentError as error:
        print(f"tangent-ad: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # the reader (head, less) has left: nothing more to say, also not at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 1 if good is False else 0


def _grad(options: argparse.Namespace) -> bool:
    from tangent_ad import cli_build

    if options.check and options.output is None:
        raise UsageError("--check needs the file to compare: -o OUT.py")
    entry = cli_build.Entry(
        options.target, Path(options.output or ""), options.wrt, options.mode, options.jit, options.workspace
    )
    text = cli_build.text_of(entry)
    if options.output is None:
        print(text, end="")
        return True
    if options.check:
        wrong = cli_build.difference(entry.output, text)
        print(f"{options.output} {wrong or 'is up to date'}", file=sys.stderr)
        return wrong is None
    cli_build.write(entry.output, text)
    print(f"wrote {options.output}", file=sys.stderr)
    return True


def _build(options: argparse.Namespace) -> bool:
    from tangent_ad import cli_build

    return cli_build.build(options.config or cli_build.find_config(Path.cwd()), options.check)


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
    """Print the version: of this package, also where it runs without being installed."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from tangent_ad import __version__

        print(f"tangent-ad {__version__}")
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
    grad.add_argument("--workspace", action="store_true", help="keep values in memory that the caller gives")
    grad.add_argument("-o", "--output", metavar="OUT.py", help="write to this file instead of stdout")
    grad.add_argument("--check", action="store_true", help="write nothing: exit 1 if the file is stale")

    build = _command(commands, "build", _build, "write the derivatives that pyproject.toml lists", EXAMPLES)
    build.add_argument("--check", action="store_true", help="write nothing: exit 1 if a file is stale")
    build.add_argument("--config", type=Path, metavar="FILE", help="the pyproject.toml (default: here or above)")

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
    commands: Any, name: str, run: Callable[[argparse.Namespace], bool | None], summary: str, epilog: str = ""
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
