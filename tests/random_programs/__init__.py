"""Random programs: a typed grammar of the compiler's whole input language, and the laws every derivative obeys.

In: a seed.  Out: programs, each with arguments; the outcome of checking one; a reduced program when a law fails.
"""
