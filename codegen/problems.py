"""What is wrong with a spec, and where: the words in which every room of the generator complains."""

from collections.abc import Sequence

from attrs import frozen


@frozen
class Where:
    """A line of a spec file."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@frozen
class Problem:
    """A mistake, where it is, and what would be right."""

    where: Where
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


class SpecError(Exception):
    """A spec that cannot be used; every problem found is in it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems
