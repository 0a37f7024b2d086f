"""Golden files: a function, the text of its tangent and of its gradient, and arguments to run them with.

Each file is a module.  Above the line `# jvp` stand the function `f`, what to differentiate in (`WRT`), and
`ARGUMENTS`, a function that makes them; below `# jvp` and `# grad` the generated functions.  `python -m tests.golden`
says which texts changed, `python -m tests.golden --update` writes them anew.
"""
