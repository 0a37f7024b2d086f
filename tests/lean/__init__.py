"""Derivatives as a person writes them, and how ours compare in length.

Each module holds a function `f`, what it is differentiated in (`WRT`), sample `arguments`, and one or more derivatives
written by hand, named like ours: `f_grad`, `f_value_and_grad`, `f_jvp`.  They have no guards: those are not counted.
"""
