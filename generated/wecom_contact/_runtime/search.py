"""Finds entries by words, English and Chinese: an index of weighted texts. No I/O, knows nothing of what it holds.

A rare word counts for more than a common one, a whole word for more than a part. Chinese is not cut into words: a
run of characters is found inside a longer one, and partly, by its pairs of characters.

Hand-written: edit codegen/runtime/_runtime/search.py.
"""

import re
from collections.abc import Hashable, Iterable
from difflib import get_close_matches
from math import log
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

HAN = "\u3400-\u9fff"
# `ContactWayAdd`, `contact_way.add` and `/contact/way/add` are the same three words.
WORD = re.compile(rf"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[{HAN}]+")
ENOUGH = 0.5
"""An entry that fits less than half as many of the words as the best does is not shown."""


def words(text: str) -> list[str]:
    return [word.lower() for word in WORD.findall(text)]


def likeness(word: str, token: str) -> float:
    """How well a word of a query fits a word of a text: 1 for the same, 0 for not at all."""
    if word == token:
        return 1.0
    share = len(word) / len(token)
    if word >= "\u3400":
        if word in token:
            return 0.6 + 0.3 * share
        pairs = [word[at : at + 2] for at in range(len(word) - 1)]
        found = sum(pair in token for pair in pairs) / (len(pairs) or 1)
        return found / 2 if found >= 0.5 else 0.0
    if token.startswith(word):
        return 0.6 + 0.3 * share
    if word.startswith(token) and len(token) >= 3 and share <= 1.5:  # tags, tagged: tag
        return 0.6
    return 0.3 if len(word) >= 4 and word in token else 0.0


class Index(Generic[Key]):
    """Entries with the words of their texts, in the order in which equals are shown."""

    def __init__(self) -> None:
        self.weights: dict[str, dict[Key, float]] = {}
        """Of each word, the entries that have it, and how much it says of them."""
        self.order: dict[Key, int] = {}

    def add(self, key: Key, texts: Iterable[tuple[float, str]]) -> None:
        self.order[key] = len(self.order)
        for weight, text in texts:
            for word in words(text):
                entries = self.weights.setdefault(word, {})
                entries[key] = max(weight, entries.get(key, 0.0))

    def hits(self, word: str) -> dict[Key, float]:
        """The entries that have a word, and how well."""
        found: dict[Key, float] = {}
        for token, entries in self.weights.items():
            fit = likeness(word, token)
            if fit:
                for key, weight in entries.items():
                    found[key] = max(found.get(key, 0.0), fit * weight)
        return found

    def find(self, query: str) -> list[Key]:
        """The entries that fit a query, the best first."""
        score: dict[Key, float] = {}
        share: dict[Key, float] = {}
        for word in dict.fromkeys(words(query)):
            found = self.hits(word)
            if not found:
                for token in get_close_matches(word, self.weights, n=1, cutoff=0.75):
                    found = self.hits(token)
            rare = log(1 + len(self.order) / (len(found) or 1))
            for key, weight in found.items():
                score[key] = score.get(key, 0.0) + rare * weight
                share[key] = share.get(key, 0.0) + rare
        enough = ENOUGH * max(share.values(), default=0.0)
        kept = (key for key in score if share[key] >= enough)
        return sorted(kept, key=lambda key: (-score[key], self.order[key]))
