"""The rules of WeCom that users may rely on, marked at the tests that hold them.

    @rule("92135", "A mass message for a customer goes out by …", "客户群发由……")
    def test_…

`pytest tests/simulator/test_rules.py --update-golden` writes the tables of `docs/testing.md` and
`docs/zh/testing.md`.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from wecom_contact import reference

ROOT = Path(__file__).parents[2]
START, END = "<!-- rules: generated -->", "<!-- end of rules -->"
PAGES = "https://developer.work.weixin.qq.com/document/path/"
Test = TypeVar("Test", bound=Callable[..., object])

HEADS = {
    "": ("| rule | page | the simulator | test |", "observed", "does the same"),
    "zh": ("| 规则 | 页面 | 模拟器 | 测试 |", "实测", "照做"),
}
REST = {"": "Events, tokens, and what holds for all calls", "zh": "事件、凭证与通用规则"}


@dataclass(frozen=True)
class Rule:
    page: str  # the number of an official page, or "" for what was observed
    texts: tuple[str, str]  # English, Chinese
    does: tuple[str, str]  # what the simulator does, where that is another thing
    module: str
    test: str

    def row(self, language: str) -> str:
        _, observed, same = HEADS[language]
        chinese = language == "zh"
        page = f"[{self.page}]({PAGES}{self.page})" if self.page else observed
        up = "../../" if chinese else "../"
        test = f"[{self.test}]({up}tests/simulator/{self.module}.py)"
        return f"| {self.texts[chinese]} | {page} | {self.does[chinese] or same} | {test} |"


RULES: list[Rule] = []


def rule(
    page: str, english: str, chinese: str, *, does: tuple[str, str] = ("", "")
) -> Callable[[Test], Test]:
    """Mark a test as the one that holds a rule.

    `does` says in both languages what the simulator does where pages and observations disagree,
    or where it is stricter than WeCom.
    """

    def mark(test: Test) -> Test:
        module = test.__module__.rpartition(".")[2]
        RULES.append(Rule(page, (english, chinese), does, module, test.__name__))
        return test

    return mark


def families() -> dict[str, str]:
    """By page, the family of the calls that it is about."""
    return {call.link.rpartition("/")[2]: call.resource for call in reference.calls()}


def tables(language: str) -> str:
    """The rules of all tests beside this file: a table for each family of calls, by file and by name."""
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        importlib.import_module(f"simulator.{path.stem}")
    pages = families()
    rules: dict[str, list[Rule]] = {}
    for found in sorted(RULES, key=lambda rule: (rule.module, rule.test, rule.texts)):
        rules.setdefault(pages.get(found.page, ""), []).append(found)
    head = f"{HEADS[language][0]}\n| --- | --- | --- | --- |"
    titles = {name: f"{reference.resource(name).title} `{name}`" for name in rules if name}
    return "\n\n".join(
        "\n".join([f"### {title}\n", head, *(rule.row(language) for rule in rules[name])])
        for name, title in [*sorted(titles.items()), ("", REST[language])]
    )


def written(text: str, language: str) -> str:
    """The guide with its table as the tests have it now."""
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n\n{tables(language)}\n\n{END}{after}"


def guide(language: str) -> Path:
    return ROOT / "docs" / language / "testing.md"
