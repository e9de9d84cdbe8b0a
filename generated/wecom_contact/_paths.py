"""A fault and the path to it, one level added at a time on the way out.

Hand-written: edit codegen/runtime/_paths.py.
"""

from typing import Self


class AtPath(ValueError):
    """A value that cannot pass, and the path to it."""

    def __init__(self, what: str, path: str = "") -> None:
        super().__init__(what, path)
        self.what = what
        """What is wrong with it."""
        self.path = path
        """Where it stands: `WelcomeSend.attachments[1].title`."""

    def under(self, name: str) -> Self:
        """The same, one level further out."""
        dot = "." if self.path and not self.path.startswith("[") else ""
        return type(self)(self.what, f"{name}{dot}{self.path}")

    def __str__(self) -> str:
        return f"{self.path}: {self.what}" if self.path else self.what
