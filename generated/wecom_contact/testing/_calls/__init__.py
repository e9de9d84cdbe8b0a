"""What the calls do to the corp, one module for each family; whatever module stands here is loaded.

Hand-written: edit codegen/surfaces/testing/_calls/__init__.py.
"""

from importlib import import_module
from pkgutil import iter_modules


def load() -> None:
    """Import every family, which registers its calls in `_answers.ANSWERS`."""
    for family in iter_modules(__path__):
        import_module(f"{__name__}.{family.name}")
