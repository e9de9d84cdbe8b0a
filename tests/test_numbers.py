"""The numbers that the guides state are those that hold, in both languages."""

import inspect
from pathlib import Path

import pytest
from wecom_contact import limits
from wecom_contact._runtime import callback, flow, steps, token_state
from wecom_contact._runtime.seen import MemorySeen
from wecom_contact.credentials import EARLY
from wecom_contact.retry import Retry
from wecom_contact.stores import FILE_PATIENCE, LEASE

DOCS = Path(__file__).parent.parent / "docs"
REMEMBERED = inspect.signature(MemorySeen).parameters["limit"].default
TOLD: list[tuple[str, str, str, object, object]] = [
    ("production.md", "more than 64 MiB, unpacked", "解压后超过 64 MiB", steps.LARGEST, 64 * 2**20),
    ("production.md", "for 15 seconds at most", "至多 15 秒", LEASE, 15),
    ("production.md", "waits for a second", "等一秒", FILE_PATIENCE, 1),
    ("production.md", "four times and 30 seconds", "四次、30 秒", (Retry().tries, Retry().total), (4, 30)),
    ("production.md", "renewed five minutes before it ends", "到期前五分钟", EARLY, 300),
    ("production.md", "after half a second, one, two", "半秒、一秒、两秒", token_state.AGAIN, 0.5),
    ("production.md", "each wait of a second or more", "等待一秒及以上", flow.WORTH_TELLING, 1),
    ("production.md", "up to eight if it comes again", "若接着又来，最长八秒", limits.BREATHERS, (0.5, 1, 2, 4, 8)),
    ("production.md", "asked again after 5 s", "每 5 秒试一次", limits.OUTAGE, 5),
    ("production.md", "doubling up to an hour", "逐次加倍，最长一小时", token_state.LONGEST_REFUSAL, 3600),
    ("callbacks.md", "an event by an hour more", "事件再宽限一小时", callback.MAX_DELAY, 3600),
    ("callbacks.md", "the last 100,000", "最近的 100,000 个", REMEMBERED, 100_000),
]  # fmt: skip


@pytest.mark.parametrize(
    ("guide", "english", "chinese", "found", "stated"), TOLD, ids=[row[1] for row in TOLD]
)
def test_a_number_that_the_guides_state_holds(
    guide: str, english: str, chinese: str, found: object, stated: object
) -> None:
    assert english in (DOCS / guide).read_text("utf-8")
    assert chinese in (DOCS / "zh" / guide).read_text("utf-8")
    assert found == stated
