"""`DriftLog`: what WeCom sends and the spec does not know is written down, without what it says about anybody."""

import json
import logging
import threading
from pathlib import Path
from typing import Any

import orjson
import pytest
from attrs import define
from callback_support import CORP, callback
from hypothesis import given, settings
from hypothesis import strategies as st
from wecom_contact import DriftLog, catalog, drift
from wecom_contact._runtime.events import read_event
from wecom_contact._runtime.model import Model
from wecom_contact.codec import Codec, Drift, is_model, wire_fields
from wecom_contact.customer import CustomerBatchGetResult, FollowInfo
from wecom_contact.errors import RefusedArgument
from wecom_contact.events import TABLE, CustomerAdded


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


ODD = {
    "new": [{"a": 1, "bList": ["x"], "at": 1_700_000_000}, {"a": None, "c": 1.5, "d": True}],
    "add_way": 99,
    "remark": 5,
    "state": {"张三": 1},
}


def test_names_and_shapes_are_written_once_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "drift.jsonl"
    whole = {"userid": "u", "description": "d", "createtime": 1, **ODD}
    for _ in range(2):  # another run of the program
        log = DriftLog(path)
        for _ in range(2):  # another client
            Codec(on_drift=log).structure(whole, FollowInfo)
    where = {"where": "FollowInfo"}
    first = {"a": "int", "bList": ["str"], "at": "timestamp"}
    second = {"a": "null", "c": "float", "d": "bool"}
    assert sorted(lines(path), key=lambda each: str(each["field"])) == [
        {**where, "field": "add_way", "what": "unknown member", "enum": "AddWay", "value": 99},
        {**where, "field": "new", "what": "unknown field", "shape": [first, second]},
        {**where, "field": "remark", "what": "a number instead of a string"},
        {**where, "field": "state", "what": "not understood"},
    ]
    assert repr(log) == f"DriftLog({str(path)!r})"


def test_an_unknown_variant_is_written_with_its_tag(tmp_path: Path) -> None:
    path = tmp_path / "drift.jsonl"
    attribute = {"type": 7, "name": "门店", "place": {"city": "广州"}}
    profile = {"external_profile": {"external_attr": [attribute]}}
    reply = {"external_contact_list": [{"external_contact": profile}]}
    Codec(on_drift=DriftLog(path)).structure(reply, CustomerBatchGetResult)
    (tag,) = [each for each in lines(path) if each["what"] == "unknown tag"]
    shape = {"name": "str", "place": {"city": "str"}}
    assert (tag["where"], tag["field"]) == ("ExternalProfile", "external_attr")
    assert (tag["key"], tag["tag"], tag["shape"]) == ("type", 7, shape)
    beside = {"type": 0, "name": "a", "text": {"value": "b"}, "more": "c", "13800000001": 1}
    profile["external_profile"]["external_attr"] = [beside]
    Codec(on_drift=DriftLog(path)).structure(reply, CustomerBatchGetResult)
    found = [each for each in lines(path) if each["what"] == "beside the payload"]
    assert {(each["name"], each["shape"]) for each in found} == {("more", "str"), (None, "int")}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({f"k{letter}": 1 for letter in "abc"}, {"ka": "int", "kb": "int", "kc": "int"}),
        ({"wmqfasd1e1927831923109rBAAAA": 1}, "object"),
        ({"13800000001": 1}, "object"),
        ({"张三": 1}, "object"),
        ({"a b": 1}, "object"),
        ({"woAJGCAAAXtWyujaWJHDDGimACHBBB": 1}, "object"),
        (
            {"h5_url": 1, "md5": 1, "ExternalUserID": 1},
            {"h5_url": "int", "md5": "int", "ExternalUserID": "int"},
        ),
        ({chr(97 + i % 26) * (1 + i // 26): 1 for i in range(61)}, "object"),
        (
            {chr(97 + i % 26) * (1 + i // 26): 1 for i in range(60)},
            {chr(97 + i % 26) * (1 + i // 26): "int" for i in range(60)},
        ),
        ({5: 1}, "object"),
        ([1] * 59 + ["x"], ["int", "str"]),
        ([1] * 60 + ["x"], ["int"]),
        (1_000_000_000, "int"),
        (1_000_000_001, "timestamp"),
        ([[1], [1], "x"], [["int"], "str"]),
        (3_999_999_999, "timestamp"),
        (4_000_000_000, "int"),
    ],
)
def test_the_shape_of_a_value(value: Any, written: Any) -> None:
    assert drift.entry(Drift("A.b", "unknown field", value))["shape"] == written


@define(kw_only=True)
class Odd(Model):
    """What few of WeCom's records hold."""

    real: float
    truth: bool
    inside: FollowInfo | None = None


def test_all_that_a_codec_says_without_a_value_is_written_in_its_words() -> None:
    told: list[Drift] = []
    listening = Codec(on_drift=told.append)
    odd = {
        "userid": 5,
        "createtime": "1",
        "state": None,
        "tag_id": "",
        "remark_mobiles": "1",
        "add_way": "1",
        "wechat_channels": [{"nickname": "n"}],
    }
    listening.structure(odd, FollowInfo)
    listening.structure({"createtime": 1_700_000_000_000, "description": {}}, FollowInfo)
    listening.structure({"real": "1", "truth": 1, "inside": [{}]}, Odd)
    listening.structure({"real": True, "truth": "yes", "inside": []}, Odd)
    listening.structure({"real": 1.5, "truth": "true"}, Odd)
    listening.loads(b'{"a": NaN}', "a.b")
    listening.structure({"createtime": {}}, FollowInfo)
    said = {drift.what for drift in told if not drift.what.startswith("not understood")}
    assert said == drift.PLAIN


def test_a_value_that_is_deep_is_an_object_in_the_end() -> None:
    value: Any = 1
    for _ in range(50):
        value = {"a": value}
    assert json.dumps(drift.shape(value)).count("a") == drift.MAX_DEPTH + 1
    for _ in range(50):
        value = [{"a": value}]
    assert json.dumps(drift.shape(value)).count("a") == drift.MAX_DEPTH // 2


@pytest.mark.parametrize(
    ("value", "written"),
    [(7, 7), (99_999, 99_999), (-99_999, -99_999), (100_000, None), (-100_000, None), ("vote", "vote"), ("VOTE_2", "VOTE_2"), ("张三", None), ("wmqfasd1e192", None),
     ("13800000001", None), (13_800_000_001, None), (True, None), (None, None), ("Zhang San", None),
     ("miniProgram", "miniProgram")],
)  # fmt: skip
def test_only_what_looks_like_a_word_of_wecoms_is_written(value: Any, written: Any) -> None:
    assert drift.member(value) == written


CLASSES = [each.result for each in catalog.CALLS.values() if is_model(each.result)]
# Nothing of this is in a name or a word of ours, nor a number so small that it may be a member of an enum.
PRIVATE = st.text("0123456789张王李@+", min_size=6, max_size=12)
DATA = st.recursive(
    PRIVATE | st.integers(10**9, 10**14),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PRIVATE | st.sampled_from(["type", "new"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def texts(data: Any) -> set[str]:
    if isinstance(data, dict):
        return set().union(*(texts(each) for each in data.values())) | (set(data) - {"type", "new"})
    if isinstance(data, list):
        return set().union(*map(texts, data))
    return {str(data)}


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(CLASSES), st.data())
def test_no_value_and_no_id_is_in_the_file(cls: Any, data: Any) -> None:
    fields = [key for _, key, _ in wire_fields(cls)]
    given_ = data.draw(
        st.dictionaries(st.sampled_from([*fields, "new"]) | PRIVATE, DATA, max_size=5)
    )
    told: list[Drift] = []
    Codec(on_drift=told.append).structure(orjson.loads(orjson.dumps(given_)), cls)
    written = "".join(json.dumps(drift.entry(each), ensure_ascii=False) for each in told)
    private = texts(given_) - set(fields)
    assert [each for each in private if each in written] == []


def test_the_file_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "drift.jsonl"
    monkeypatch.setattr(drift, "MAX_BYTES", 1_000)
    log = DriftLog(path)
    for number in range(100):
        log(Drift(f"A.f{'x' * (number // 10)}_{number % 10}", "unknown field", 1))
        assert path.stat().st_size < 1_000
    assert path.stat().st_size > 900
    assert len(lines(path)) == len({json.dumps(each) for each in lines(path)})
    name = "abcdefghijklmnopqrstuvwxyz"
    huge = {f"{letter}{name}": {f"{other}{name}": 1 for other in name} for letter in name}
    other = DriftLog(tmp_path / "other.jsonl")
    other(Drift("A.b", "unknown field", huge))
    assert not (tmp_path / "other.jsonl").exists()


@pytest.mark.parametrize("spare", [0, -1])
def test_a_file_has_its_most_bytes_and_not_one_more(
    spare: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "drift.jsonl"
    told = [Drift(f"FollowInfo.{name}", "unknown field", 1) for name in "ab"]
    whole = b"".join(orjson.dumps(drift.entry(each)) + b"\n" for each in told)
    monkeypatch.setattr(drift, "MAX_BYTES", len(whole) + spare)
    log = DriftLog(path)
    for each in told:
        log(each)
    assert path.read_bytes() == (whole if spare == 0 else whole[: len(whole) // 2])
    # Where one thing has no place, nothing has: nobody opens the file for each that comes.
    path.unlink()
    log(told[1])
    log(Drift("A.b", "unknown field", 1))
    assert path.exists() == (spare == 0)


@pytest.mark.parametrize("spare", [0, -1])
def test_a_line_has_its_most_bytes_and_not_one_more(
    spare: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Drift("FollowInfo.new", "unknown field", 1)
    monkeypatch.setattr(drift, "MAX_LINE", len(orjson.dumps(drift.entry(told))) + spare)
    DriftLog(tmp_path / "drift.jsonl")(told)
    assert (tmp_path / "drift.jsonl").exists() == (spare == 0)


def test_a_place_may_hold_several_shapes(tmp_path: Path) -> None:
    path = tmp_path / "drift.jsonl"
    telling = Codec(on_drift=DriftLog(path))
    for value in (None, 1, 2, "x", 3):
        telling.structure({"new": value}, FollowInfo)
    shapes = [each["shape"] for each in lines(path) if each["field"] == "new"]
    assert shapes == ["null", "int", "str"]


def test_threads_and_clients_share_a_file(tmp_path: Path) -> None:
    path = tmp_path / "drift.jsonl"
    logs = [DriftLog(path), DriftLog(path)]

    def write(log: DriftLog) -> None:
        for number in range(50):
            log(Drift(f"A.{'abcdefghij'[number % 10]}", "unknown field", number))

    threads = [threading.Thread(target=write, args=(log,)) for log in logs * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [each["field"] for each in lines(path)]
    assert set(found) == set("abcdefghij")
    assert len(found) <= 20, "once for each log"


def test_a_file_that_cannot_be_written_costs_a_warning_and_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = DriftLog(tmp_path / "folder" / "drift.jsonl")
    with caplog.at_level(logging.WARNING, "wecom_contact"):
        for name in "ab":
            record = Codec(on_drift=log).structure({name: 1}, FollowInfo)
            assert record.extra == {name: 1}
    assert [each.message for each in caplog.records] == [
        f"drift is not written to {log.path}: No such file or directory"
    ]
    # Later it is tried again.
    (tmp_path / "folder").mkdir()
    monkeypatch.setattr(drift.time, "monotonic", lambda: log._pause_ends + 1)
    log(Drift("A.b", "unknown field", 1))
    assert len(lines(Path(log.path))) == 1


def test_a_lock_that_nobody_gives_back_costs_no_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a fork, where the thread that had it is not there."""
    monkeypatch.setattr(drift, "PATIENCE", 0.01)
    log = DriftLog(tmp_path / "drift.jsonl")
    with log._lock:
        log(Drift("A.b", "unknown field", 1))
    assert not (tmp_path / "drift.jsonl").exists()


@pytest.mark.parametrize("path", [None, 5, b"drift.jsonl", ["drift.jsonl"]])
def test_what_is_not_a_path_is_refused(path: Any) -> None:
    with pytest.raises(RefusedArgument, match="the path of a file, not ") as caught:
        DriftLog(path)
    assert caught.value.path == "DriftLog.path"


def test_drift_in_events_is_written(tmp_path: Path) -> None:
    path = tmp_path / "drift.jsonl"
    xml = (
        f"<xml><ToUserName>{CORP}</ToUserName><FromUserName>sys</FromUserName>"
        "<CreateTime>{time}</CreateTime><MsgType>event</MsgType>"
        "<Event>change_external_contact</Event><ChangeType>add_external_contact</ChangeType>"
        "<UserID>zhangsan</UserID><ExternalUserID>wm1</ExternalUserID><New>13800000001</New></xml>"
    )
    wecom = callback(on_drift=DriftLog(path), max_age=None)
    told = wecom.forge(read_event(xml.format(time=1_403_610_513), TABLE))
    event = wecom.read(*told)
    assert isinstance(event, CustomerAdded)
    assert event.extra == {"New": "13800000001"}
    assert lines(path) == [
        {"where": "CustomerAdded", "field": "New", "what": "unknown field", "shape": "str"}
    ]
    # Who is told of drift forgives as much as who is not.
    odd = read_event(xml.format(time="soon"), TABLE, wecom._codec)
    assert odd.extra["CreateTime"] == "soon"
