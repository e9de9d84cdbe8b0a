"""What `docs/results.md` does to make tables keeps every field, and counts the days of Beijing."""

import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars
import pytest
from wecom_contact import BEIJING, codec
from wecom_contact.customer import AddWay, Customer, CustomerRecord, CustomerType, FollowInfo

GUIDE = Path(__file__).parent.parent / "docs" / "results.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", GUIDE.read_text("utf-8"), re.M | re.S)
DAY = date(2026, 11, 1)


def record(number: int, state: str | None = None) -> CustomerRecord:
    """A customer who came an hour after midnight in Beijing; in London, it was October."""
    return CustomerRecord(
        external_contact=Customer(
            external_userid=f"wm{number}", name="李四", type=CustomerType.WECHAT
        ),
        follow_info=FollowInfo(
            userid="zhangsan",
            remark="",
            description="",
            createtime=datetime(2026, 11, 1, 1, tzinfo=BEIJING),
            add_way=AddWay.SCAN_QRCODE,
            state=state,
        ),
    )


RECORDS = [*map(record, range(150)), record(150, "poster")]
"""Only the last has a channel."""


@pytest.fixture
def names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the guide has made by then."""
    monkeypatch.setenv("TZ", "Europe/London")
    monkeypatch.chdir(tmp_path)
    lines = [json.dumps(codec.unstructure(each), ensure_ascii=False) for each in RECORDS]
    Path("customers.jsonl").write_text("\n".join(lines), "utf-8")
    names: dict[str, Any] = {"codec": codec, "records": RECORDS}
    run("rows = [", names)
    return names


def run(words: str, names: dict[str, Any]) -> None:
    """Run the block of the guide that has some words."""
    (block,) = (block for block in BLOCKS if words in block)
    exec(block, names)


def test_rows_as_a_frame_of_pandas_have_every_field_and_the_days_of_beijing(
    names: dict[str, Any],
) -> None:
    run("pandas.DataFrame(rows)", names)
    frame = names["frame"]
    assert {*frame["added"].dt.date} == {DAY}
    assert list(frame["channel"].dropna()) == ["poster"]


def test_records_as_a_frame_of_pandas_have_every_field_and_the_days_of_beijing(
    names: dict[str, Any],
) -> None:
    run("import pandas", names)
    run("pandas.json_normalize", names)
    wide = names["wide"]
    assert {*wide["added"].dt.date} == {DAY}
    assert list(wide["follow_info.state"].dropna()) == ["poster"]


def test_rows_as_a_frame_of_polars_have_every_field_and_the_days_of_beijing(
    names: dict[str, Any],
) -> None:
    run("polars.DataFrame(rows", names)
    frame = names["frame"]
    assert {*frame["added"].dt.date()} == {DAY}
    assert list(frame["channel"].drop_nulls()) == ["poster"]


def test_records_as_a_frame_of_polars_have_every_field_and_the_days_of_beijing(
    names: dict[str, Any],
) -> None:
    names["polars"] = polars
    run("polars.json_normalize", names)
    wide = names["wide"]
    assert {*wide["added"].dt.date()} == {DAY}
    assert list(wide["follow_info.state"].drop_nulls()) == ["poster"]


def test_polars_alone_does_what_the_guide_warns_of(names: dict[str, Any]) -> None:
    """Else the warning could go."""
    assert "follow_info.state" not in polars.json_normalize(codec.unstructure(RECORDS)).columns
    with pytest.raises(polars.exceptions.ComputeError):
        polars.DataFrame(names["rows"])
    alone = polars.DataFrame(names["rows"], infer_schema_length=None)
    assert {*alone["added"].dt.date()} == {date(2026, 10, 31)}


def test_duckdb_counts_the_days_of_beijing_in_files_and_frames(
    names: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    run("pandas.DataFrame(rows)", names)
    capsys.readouterr()
    run("import duckdb", names)
    said = capsys.readouterr().out
    rows = re.findall(r"(\d+-\d+-\d+) .*?(\d+) │$", said, re.M)
    assert rows[0] == ("2026-11-01", "151"), said
    assert sorted(rows[1:]) == [("2026-11-01", "1"), ("2026-11-01", "150")], said
