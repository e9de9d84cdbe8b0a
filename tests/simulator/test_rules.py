"""The table of rules in the guide is what the tests say."""

import re

import pytest

from simulator.rules import HEADS, RULES, guide, tables, written


@pytest.mark.parametrize("language", HEADS, ids=lambda language: language or "en")
def test_the_table_of_rules_is_what_the_tests_say(
    language: str, request: pytest.FixtureRequest
) -> None:
    text = guide(language).read_text("utf-8")
    fresh = written(text, language)
    if request.config.getoption("--update-golden"):
        guide(language).write_text(fresh, "utf-8")
        text = fresh
    assert text == fresh, "run this file with --update-golden"


def test_a_rule_is_said_once_in_two_languages_and_fits_a_cell() -> None:
    tables("")
    for place in (0, 1):
        texts = [rule.texts[place] for rule in RULES]
        assert len(texts) == len(set(texts))
        assert not [text for text in texts if "|" in text or "\n" in text or not text.strip()]
    assert all(re.search(r"[\u4e00-\u9fff]", rule.texts[1]) for rule in RULES)
    assert all(rule.page.isdecimal() or not rule.page for rule in RULES)
    assert all(bool(rule.does[0]) == bool(rule.does[1]) for rule in RULES)
