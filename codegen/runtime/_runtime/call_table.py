"""The table of endpoints that knows names at once and classes when they are asked for.

Hand-written: edit codegen/runtime/_runtime/call_table.py.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from .model import Endpoint


class CallTable(Mapping[str, Endpoint[Any]]):
    """Endpoints by name; reading one imports its resource and no other."""

    def __init__(self, package: str, classes: Mapping[str, str]) -> None:
        self._package = package
        self._classes = classes

    def __getitem__(self, name: str) -> Endpoint[Any]:
        cls = self._classes[name]
        module = import_module(f".{name.partition('.')[0]}", self._package)
        endpoint: Endpoint[Any] = getattr(module, cls).endpoint
        return endpoint

    def __iter__(self) -> Iterator[str]:
        return iter(self._classes)

    def __len__(self) -> int:
        return len(self._classes)

    def __repr__(self) -> str:
        return f"<{len(self)} endpoints>"
