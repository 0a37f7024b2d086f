"""`tangent-ad demo`: a mixture of Gaussians fitted to the Old Faithful eruptions with a generated gradient.

In: a folder for the written derivative.  Out: the whole way from the function to the fit, printed.
"""

from tangent_ad.demo.show import run

__all__ = ["run"]
