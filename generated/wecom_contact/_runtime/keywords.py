"""What Python says of a call with wrong arguments, in the words of whoever made the call.

The classes that a program makes are generated, and nearly all of them is inherited: without this, a wrong keyword of
`Client(…)` would be one of `SyncDriver.__init__()`.

Hand-written: edit codegen/runtime/_runtime/keywords.py.
"""

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any, TypeVar

C = TypeVar("C", bound=type)


def known_as(public: str) -> Callable[[C], C]:
    """Let errors about the arguments of a class's methods, and of making one, call it by the name of its public class."""

    def present(cls: C) -> C:
        for value in vars(cls).values():
            function = getattr(value, "__func__", value)
            while inspect.isfunction(function):
                function.__qualname__ = f"{public}.{function.__name__}"
                function = getattr(function, "__wrapped__", None)
        made: Any = cls
        made.__init__ = suggesting(made.__init__)
        return cls

    return present


def suggesting(init: Any) -> Any:
    """The same constructor, which says what a wrong keyword was probably meant to be, as Python does from 3.13 on."""

    @wraps(init)
    def __init__(self: Any, *args: Any, **options: Any) -> None:
        try:
            init(self, *args, **options)
        except BaseException as error:
            words = meant(error, list(inspect.signature(init).parameters)[1:], options)
            del args, options  # which may be secrets, and tracebacks show them
            if not words:
                raise
            raise TypeError(words) from None

    # Not a copy: who changes a default there, as tests do, changes it here.
    made: Any = __init__
    made.__kwdefaults__ = init.__kwdefaults__
    return made


def meant(error: BaseException, known: Sequence[str], given: Iterable[str]) -> str:
    """What a call with a wrong keyword should hear; nothing for another error, or if no keyword is like it."""
    unknown = [name for name in given if name not in known]
    if not unknown or not isinstance(error, TypeError):
        return ""
    from difflib import get_close_matches  # only for those who err

    like = get_close_matches(unknown[0], known, 1)
    said = str(error).partition(". Did you mean")[0]
    return f"{said}. Did you mean {like[0]!r}?" if like else ""
