"""What is known of each callable: importing this package fills the registry."""

from tangent_ad.rules import elementwise, reductions  # noqa: F401
