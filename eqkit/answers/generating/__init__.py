"""Values that are valid by the schemas of a contract, made of a seed."""

from eqkit.answers.generating.failures import CannotGenerate
from eqkit.answers.generating.generator import Generator

__all__ = ["CannotGenerate", "Generator"]
