"""Changes functions that are there already, for `running.py`: what a file says now takes the place of what it said."""

import gc
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import CodeType, FunctionType

Functions = Mapping[tuple[str, str, int], Sequence[FunctionType]]
"""The functions that are there, by file, qualified name and first line."""


def all_functions() -> Functions:
    """Every function that is there."""
    found: dict[tuple[str, str, int], list[FunctionType]] = defaultdict(list)
    gc.collect()
    for thing in gc.get_objects():
        if type(thing) is FunctionType:
            code = thing.__code__
            file = os.path.abspath(code.co_filename)
            found[file, code.co_qualname, code.co_firstlineno].append(thing)
    return found


def change(path: Path, was: bytes, functions: Functions) -> bool:
    """Put what a file says now into its functions; whether all that has changed is inside of those that are there."""
    old = compile(was, str(path), "exec", dont_inherit=True)
    new = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    try:
        found = [*changes(old, new, functions)]
    except Outside:
        return False
    for function, code in found:
        function.__code__ = code
    return True


class Outside(Exception):
    """Something has changed outside of the functions that are there."""


def changes(
    old: CodeType, new: CodeType, functions: Functions, inside: bool = False
) -> Iterator[tuple[FunctionType, CodeType]]:
    """The functions with another code, and that code."""
    there = functions.get((old.co_filename, old.co_qualname, old.co_firstlineno), ())
    inside = inside or bool(there)
    pairs = [*zip(inner(old), inner(new), strict=False)]
    if len(inner(old)) != len(inner(new)) or (not inside and own(old) != own(new)):
        raise Outside
    if there and old != new:
        if old.co_freevars != new.co_freevars:
            raise Outside
        yield from ((function, new) for function in there)
    for pair in pairs:
        yield from changes(*pair, functions, inside)


def inner(code: CodeType) -> list[CodeType]:
    """The code of the functions and classes inside."""
    return [constant for constant in code.co_consts if isinstance(constant, CodeType)]


def own(code: CodeType) -> object:
    """What a code does itself, wherever it stands."""
    constants = [(type(x), x) for x in code.co_consts if not isinstance(x, CodeType)]
    return code.co_code, code.co_names, constants
