"""What Python says of a call with wrong arguments, in the words of whoever made the call.

Some classes that a program makes inherit their constructor, clients nearly all of their methods: without this, a wrong
keyword of `Client(…)` would be one of `SyncDriver.__init__()`.

Hand-written: edit codegen/runtime/_runtime/keywords.py.
"""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

C = TypeVar("C", bound=type)


def known_as(public: str) -> Callable[[C], C]:
    """Let errors about arguments call a base by the name of its one public class, in methods as well."""

    def present(cls: C) -> C:
        for value in vars(cls).values():
            function = getattr(value, "__func__", value)
            while inspect.isfunction(function):
                function.__qualname__ = f"{public}.{function.__name__}"
                function = getattr(function, "__wrapped__", None)
        return known_when_made(cls)

    return present


def known_when_made(cls: C) -> C:
    """Let errors about the arguments of a constructor name the class that is made, and the keyword that was meant."""
    made: Any = cls
    init = made.__init__

    @wraps(init)
    def __init__(self: Any, *args: Any, **options: Any) -> None:
        try:
            init(self, *args, **options)
        except BaseException as error:
            words = ""
            # So begins what Python says of the call itself; nothing of the constructor was run.
            if isinstance(error, TypeError) and str(error).startswith(f"{init.__qualname__}()"):
                classes: Any = type(self).__mro__
                name = next(each.__name__ for each in classes if each.__init__ is made.__init__)
                words = in_words(error, name, init, list(options))
            del args, options  # which may be secrets, and tracebacks show them
            if not words:
                raise
            raise TypeError(words) from None

    # Not a copy: who changes a default there, as tests do, changes it here.
    shown: Any = __init__
    shown.__kwdefaults__ = init.__kwdefaults__
    made.__init__ = shown
    return cls


def in_words(error: TypeError, name: str, init: Any, given: list[str]) -> str:
    """What Python has said, of the class that is made, with a question as Python asks it from 3.13 on."""
    from difflib import get_close_matches  # which a client needs for nothing else

    said = str(error).partition(". Did you mean")[0]
    said = said.replace(f"{init.__qualname__}()", f"{name}.__init__()", 1)
    known = list(inspect.signature(init).parameters)[1:]
    unknown = next((word for word in given if word not in known), "")
    like = get_close_matches(unknown, known, 1)
    return f"{said}. Did you mean {like[0]!r}?" if like else said
