"""The dual-number oracle: exact derivatives of a Python function, independent of the compiler.

In: the user's function, unmodified, and its arguments.  Out: values and directional derivatives of any order.
"""

from tests.oracle.run import jvp, mixed

__all__ = ["jvp", "mixed"]
