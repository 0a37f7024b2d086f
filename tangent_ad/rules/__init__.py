"""What is known of each callable: importing this package fills the registry."""

from tangent_ad.rules import adjoints, arrays, dialect, elementwise, joins, linalg, math, reductions  # noqa: F401
