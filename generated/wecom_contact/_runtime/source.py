"""A function being written: its lines, and the objects it refers to by name.

Hand-written: edit codegen/runtime/_runtime/source.py.
"""

import linecache
import re
from collections.abc import Callable
from itertools import count
from typing import Any

NUMBERS = count(1)


class Source:
    """Lines of a function, which can be stepped into and shows in tracebacks."""

    def __init__(self, parameter: str) -> None:
        self.parameter = parameter
        self.lines: list[str] = []
        self.names: dict[int, str] = {}
        self.scope: dict[str, Any] = {}

    def add(self, *lines: str) -> None:
        """Append lines to the body."""
        self.lines += [f"    {line}" for line in lines]

    def ref(self, value: Any, hint: str = "") -> str:
        """A name for an object in the function, after the object's own or the hint."""
        if id(value) not in self.names:
            stem = re.sub(r"\W", "_", hint or value.__name__)
            name = f"{stem}_" if stem in self.scope or len(stem) < 3 else stem
            while name in self.scope:
                name += "_"
            self.names[id(value)] = name
            self.scope[name] = value
        return self.names[id(value)]

    def function(self, title: str) -> Callable[..., Any]:
        """The function. cattrs gives it a second argument; the objects are defaults, so local to it: 3 % of a page."""
        local = "".join(f", {name}={name}" for name in self.scope)
        lines = [f"def f({self.parameter}, _=None{local}):\n", *(f"{x}\n" for x in self.lines)]
        text = "".join(lines)
        file = f"<wecom_contact codec {next(NUMBERS)}: {title}>"
        scope = dict(self.scope)
        exec(compile(text, file, "exec"), scope)
        # Debuggers and tracebacks look for the lines here, as for those of attrs and cattrs.
        linecache.cache[file] = len(text), None, lines, file
        built: Callable[..., Any] = scope["f"]
        return built
