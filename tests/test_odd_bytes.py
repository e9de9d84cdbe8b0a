"""A reply whose bytes are not quite JSON is read; what is no JSON at all says so once, and where."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from attrs import define, fields
from hypothesis import given, settings
from hypothesis import strategies as st
from serving import OK, Reply, Server, WeCom
from test_flow import READ, WRITE, Clock, Names, Played, engine, token, warm
from wecom_contact import codec
from wecom_contact._runtime import forgiving
from wecom_contact._runtime.model import Model, OpenInt, Unknown
from wecom_contact._runtime.steps import Answer
from wecom_contact.codec import Codec, Drift
from wecom_contact.contact_way import ContactWayAdd
from wecom_contact.credentials import Corp
from wecom_contact.customer import CustomerBatchGet, ExternalAttribute
from wecom_contact.errors import APIError, NotFound, ProtocolError
from wecom_contact.retry import Retry

SMILE = "\U0001f600"
CESU = b"\xed\xa0\xbd\xed\xb8\x80"
"""The same character in CESU-8."""
HIGH, LOW = CESU[:3], CESU[3:]


def texts(data: Any) -> Iterator[str]:
    """Every text in JSON data, names too."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield key
            yield from texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from texts(value)


def loads(content: bytes) -> Any:
    """The data, which never holds half of a character."""
    data = codec.shared.loads(content, "here")
    for text in texts(data):
        text.encode()
    return data


def bad(content: bytes) -> Answer:
    return Answer(200, {"content-type": "application/json"}, content)


# What stands in a text, and what is read.
INSIDE: dict[str, tuple[bytes, str]] = {
    "a line break": (b"\n", "\n"),
    "a tab": (b"\t", "\t"),
    "a NUL": (b"\0", "\0"),
    "an escape character": (b"\x1b[0m", "\x1b[0m"),
    "DEL": (b"\x7f", "\x7f"),
    "one byte of two": (b"\xc3", "\ufffd"),
    "one byte of three": (b"\xe6", "\ufffd"),
    "two bytes of three": (b"\xe6\x9d", "\ufffd"),
    "one byte of four": (b"\xf0", "\ufffd"),
    "two bytes of four": (b"\xf0\x9f", "\ufffd"),
    "three bytes of four": (b"\xf0\x9f\x98", "\ufffd"),
    "a byte without a beginning": (b"\x80", "\ufffd"),
    "a byte that UTF-8 has not": (b"\xff", "\ufffd"),
    "too long a form": (b"\xc0\xaf", "\ufffd\ufffd"),
    "beyond Unicode": (b"\xf4\x90\x80\x80", "\ufffd" * 4),
    "a CESU-8 pair": (CESU, SMILE),
    "two CESU-8 pairs": (CESU * 2, SMILE * 2),
    "a first CESU-8 half": (HIGH, "\ufffd"),
    "a second CESU-8 half": (LOW, "\ufffd"),
    "CESU-8 halves the wrong way round": (LOW + HIGH, "\ufffd\ufffd"),
    "a half and a pair": (HIGH + CESU, "\ufffd" + SMILE),
    "half of a half": (HIGH[:2], "\ufffd\ufffd"),
    "a first half escaped": (rb"\ud83d", "\ufffd"),
    "a second half escaped": (rb"\ude00", "\ufffd"),
    "escaped halves the wrong way round": (rb"\ude00\ud83d", "\ufffd\ufffd"),
    "an escaped pair beside a control character": (b"\\ud83d\\ude00\n", SMILE + "\n"),
    "an escaped half beside a character": (rb"\ud83d" + "中".encode(), "\ufffd中"),
}  # fmt: skip


@pytest.mark.parametrize("fault", INSIDE)
def test_what_is_odd_in_a_text_is_read_and_nothing_around_it_changes(fault: str) -> None:
    odd, read = INSIDE[fault]
    content = b'{"a": "x%sy", "b": [{"c": ["%s"]}], "n%s": 1, "rest": "\xe4\xb8\xad"}' % (
        odd,
        odd,
        odd,
    )
    expected = {"a": f"x{read}y", "b": [{"c": [read]}], f"n{read}": 1, "rest": "中"}
    assert loads(content) == expected


@pytest.mark.parametrize("whole", ["é", "中", SMILE])
def test_a_character_cut_anywhere_costs_no_other(whole: str) -> None:
    for cut in range(1, len(whole.encode())):
        for part in (whole.encode()[:cut], whole.encode()[cut:]):
            found = loads(b'["' + "前".encode() + part + "后".encode() + b'"]')[0]
            assert found[0] == "前"
            assert found[-1] == "后"
            assert set(found[1:-1]) == {"\ufffd"}


@pytest.mark.parametrize(
    "around",
    [b"\xef\xbb\xbf%s", b"%s\0", b"\0\0%s\0\0", b" \r\n\t%s\r\n", b"\xef\xbb\xbf\r\n%s \0", b"%s\n\0"],
)  # fmt: skip
def test_what_stands_around_the_data_is_no_part_of_it(around: bytes) -> None:
    assert loads(around % b'{"a": 1}') == {"a": 1}


@pytest.mark.parametrize(
    ("number", "read"),
    [
        (b"NaN", None),
        (b"Infinity", None),
        (b"-Infinity", None),
        (b"1e999", None),
        (b"-1e999", None),
        (b"9" * 5000, None),
        (b"-" + b"9" * 30, pytest.approx(-1e30)),
        (b"9223372036854775808", 2**63),
        (b"-9223372036854775808", -(2**63)),
        (b"1.5", 1.5),
    ],
)
def test_no_number_costs_the_reply(number: bytes, read: Any) -> None:
    for control in (b"", b"\n"):  # with it, the forgiving reader reads all numbers
        assert loads(b'{"a": [{"b": %s}], "c": "%s"}' % (number, control)) == {
            "a": [{"b": read}],
            "c": control.decode(),
        }


class Size(OpenInt):
    """A number with a meaning."""

    SMALL = 1


@define(kw_only=True)
class Things(Model):
    """One of each."""

    text: str
    whole: int
    real: float
    truth: bool
    moment: datetime
    size: Size
    anything: Any
    pair: ExternalAttribute
    several: list[float]


@pytest.mark.parametrize("digits", [19, 20, 400, 4300, 5000])
@pytest.mark.parametrize("form", [b"%s", b'"%s"', b"-%s", b"%s.5", b"1e%s", b"[%s]", b'["%s"]'])
def test_no_number_of_many_digits_costs_a_record(digits: int, form: bytes) -> None:
    number = form % (b"9" * digits)
    for key in [each.name for each in fields(Things)]:
        record = codec.structure(
            loads(b'{"new": 1, "%s": %s, "pair": {"type": %s}}' % (key.encode(), number, number)),
            Things,
        )
        assert record.extra["new"] == 1
        assert type(record.pair) is Unknown
        repr(record)


# Damage of any JSON text: to its bytes, such that only what was hit may differ.
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=8,
)
MARK = "\ue000here"


def inside(odd: bytes) -> Callable[[bytes], bytes]:
    return lambda content: content.replace(MARK.encode(), odd)


DAMAGE = {fault: inside(odd) for fault, (odd, _) in INSIDE.items()} | {
    "a BOM": lambda content: b"\xef\xbb\xbf" + content,
    "NULs": lambda content: b"\0" + content + b"\0\0",
    "NaN": lambda content: content.replace(json.dumps(MARK, ensure_ascii=False).encode(), b"NaN"),
}


@settings(max_examples=300, deadline=None, database=None)
@given(before=JSON, after=JSON, damage=st.lists(st.sampled_from(sorted(DAMAGE)), max_size=3))
def test_damage_to_a_text_changes_nothing_else(before: Any, after: Any, damage: list[str]) -> None:
    content = json.dumps(
        {"before": before, "hit": [MARK, {"deep": [MARK]}], "after": after}, ensure_ascii=False
    ).encode()
    for each in damage:
        content = DAMAGE[each](content)
    found = loads(content)
    assert set(found) == {"before", "hit", "after"}
    assert (found["before"], found["after"]) == (before, after)
    assert [type(found["hit"][1]), len(found["hit"])] == [dict, 2]


@settings(max_examples=300, deadline=None, database=None)
@given(st.binary(max_size=12))
def test_any_bytes_in_a_text_are_read(odd: bytes) -> None:
    # A quote and a backslash would end the text or begin an escape.
    content = odd.replace(b'"', b"").replace(b"\\", b"")
    found = loads(b'{"a": ["' + content + b'"], "b": 1}')
    assert list(found) == ["a", "b"]
    assert found["b"] == 1
    if content.isascii():
        assert found["a"] == [content.decode()]


@settings(max_examples=300, deadline=None, database=None)
@given(st.text(st.sampled_from(["\ud83d", "\ude00", "a", "中", SMILE, "\ufeff"]), max_size=8))
def test_halves_are_joined_or_replaced_one_by_one(text: str) -> None:
    whole = text.replace("\ud83d\ude00", SMILE)
    expected = "".join("\ufffd" if "\ud800" <= each < "\ue000" else each for each in whole)
    raw = text.encode("utf-8", "surrogatepass")
    assert loads(b'["\n' + raw + b'"]') == ["\n" + expected]
    assert loads(b'["\n' + json.dumps(text)[1:].encode() + b"]") == ["\n" + expected]
    assert loads(json.dumps([text]).encode()) == [expected]
    assert loads(b'{"' + raw + b'":1}') == {expected: 1}


# No JSON at all.

NONE: dict[str, tuple[bytes, str]] = {
    "a page": (b"<html>captive portal</html>", "at character 0"),
    "cut off": (b'{"errcode":0,"names":["a', "at character 22"),
    "cut off after a comma": (b'{"errcode":0,', "at character 13"),
    "nothing": (b"", "at character 0"),
    "blanks": (b" \r\n\0", "at character 0"),
    "more behind it": (b'{"errcode":0}<!-- gateway 7 -->', "at character 13"),
    "two of them": (b'{"errcode":0}{"errcode":0}', "at character 13"),
    "single quotes": (b"{'errcode':0}", "at character 1"),
    "no quotes": (b"{errcode:0}", "at character 1"),
    "too deep": (b'{"a":' + b"[" * 100_000, "nested too deep"),
    "valid but too deep": (b'{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}", "nested too deep"),
    "objects too deep": (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "nested too deep"),
    "a wrong escape": (rb'{"a":"\q"}', "at character 6"),
    "gzip": (b"\x1f\x8b\x08\x00\x00", "at character 0"),
}  # fmt: skip


@pytest.mark.parametrize("row", NONE)
@pytest.mark.parametrize("retry", [Retry(), Retry(tries=50, first=0), None], ids=["", "50", "none"])
def test_what_is_no_json_says_where_and_is_asked_for_twice_at_most(
    row: str, retry: Retry | None
) -> None:
    content, where = NONE[row]
    times = 1 if retry is None else 2
    read = Played(warm(retry=retry).call(READ), *[bad(content)] * times)
    assert isinstance(read.error, ProtocolError)
    assert str(read.error).startswith("/cgi-bin/toy/read: not JSON, ")
    assert where in str(read.error)
    assert " (application/json): " in str(read.error)
    assert len(str(read.error)) < 300
    assert read.asked.replace(".", "") == "c" * times
    write = Played(warm(retry=retry).call(WRITE), bad(content))
    assert isinstance(write.error, ProtocolError)
    assert write.error.sent
    assert write.asked == "c"


def test_what_is_no_json_shows_its_beginning_and_its_kind() -> None:
    content = b"<html>\n  <title>Log in</title>" + b"x" * 5000
    page = Answer(200, {"content-type": "text/html"}, content)
    assert str(Played(warm().call(WRITE), page).error) == (
        "/cgi-bin/toy/write: not JSON, Expecting value at character 0 (text/html): "
        f"'<html> <title>Log in</title>{'x' * 92}'"
    )
    nothing = Played(warm().call(WRITE), Answer(200, {}, b""))
    assert str(nothing.error).endswith("at character 0 (no content type): ''")


def test_the_second_answer_may_be_better() -> None:
    played = Played(warm().call(READ), bad(b'{"errcode":0,"na'), bad(b'{"names":["a"]}'))
    assert played.result == Names(names=["a"])


def test_the_beginning_of_what_is_no_json_shows_no_token() -> None:
    echo = b"bad gateway: /cgi-bin/toy/write?access_token=T0&x=1 corpsecret=hush"
    played = Played(warm().call(WRITE), bad(echo))
    assert "access_token=" in str(played.error)
    assert "T0" not in str(played.error)
    assert "hush" not in str(played.error)


@pytest.mark.parametrize("content", [b"[]", b"null", b'"x\n"', b"1", b"NaN", b"\xef\xbb\xbf[]"])
def test_json_that_is_no_object_is_said_and_not_asked_for_again(content: bytes) -> None:
    played = Played(warm().call(READ), bad(content))
    assert str(played.error) == "/cgi-bin/toy/read: not a JSON object"
    assert played.asked == "c"


# What the flow makes of it.

ERRCODES: list[tuple[str, Any]] = [
    ("0", None),
    ('"0"', None),
    ('" 0 "', None),
    ("0.0", None),
    ('"0.0"', None),
    ("null", None),
    ("[]", None),
    ("{}", None),
    ('""', None),
    ("false", None),
    ("NaN", None),
    ("84061", 84061),
    ('"84061"', 84061),
    ("84061.0", 84061),
    ('"84061\\u0000"', ProtocolError),
    ("true", ProtocolError),
    ("1.5", ProtocolError),
    ("[0]", ProtocolError),
    ("[84061]", ProtocolError),
    ('{"code": 1}', ProtocolError),
    ('"ok"', ProtocolError),
    (f'"{"9" * 5000}"', ProtocolError),
]


@pytest.mark.parametrize(("given", "means"), ERRCODES, ids=[given[:20] for given, _ in ERRCODES])
def test_what_an_errcode_means(given: str, means: Any) -> None:
    reply = f'{{"errcode": {given}, "errmsg": "no", "names": ["a"]}}'.encode()
    played = Played(warm().call(READ), bad(reply))
    assert played.asked == "c"
    if means is None:
        assert played.result == Names(names=["a"])
    elif means is ProtocolError:
        assert str(played.error) == "/cgi-bin/toy/read: errcode is not a number"
    else:
        assert isinstance(played.error, NotFound)
        assert played.error.code == means


def test_no_errcode_is_no_error() -> None:
    assert Played(warm().call(READ), bad(b'{"names": ["a\n"]}')).result == Names(names=["a\n"])


def test_a_token_comes_through_a_reply_with_faults() -> None:
    reply = bad(
        b'\xef\xbb\xbf{"errcode":0,"errmsg":"o\n\xffk","access_token":"T7","expires_in":7200}'
    )
    played = Played(engine().call(READ), reply, bad(b'{"names":[]}'))
    assert played.tokens == ["T7"]


@pytest.mark.parametrize("words", [b"n\xffo", b"n\no", b"n\\ud83do", b"n" + HIGH + b"o"])
def test_a_refusal_in_odd_bytes_keeps_its_code(words: bytes) -> None:
    played = Played(warm().call(WRITE), bad(b'{"errcode":84061,"errmsg":"' + words + b'"}'))
    assert isinstance(played.error, APIError)
    assert played.error.code == 84061
    played.error.message.encode()
    assert (played.error.message[0], played.error.message[-1]) == ("n", "o")


def test_drift_is_told_once_and_with_the_name_of_the_call() -> None:
    told: list[Drift] = []
    made = warm(codec=Codec(on_drift=told.append))
    for _ in range(2):
        Played(made.call(READ), bad(b'{"names":["\n"]}'))
        Played(made.raw("POST", "/cgi-bin/new"), bad(b'{"x":"\n"}'))
    assert [(each.where, each.what) for each in told] == [
        ("toy.read", "JSON with faults"),
        ("POST /cgi-bin/new", "JSON with faults"),
    ]
    Played(made.call(READ), bad(b'{"names":["\\n"]}'))
    assert len(told) == 2
    told.clear()
    telling = warm(codec=Codec(on_drift=told.append))
    assert Played(telling.call(WRITE), bad(b"<html>")).asked == "c"
    assert not told, "what is no JSON is an error, not drift"


def test_a_strict_client_takes_no_faults() -> None:
    strict = warm(codec=Codec(strict=True))
    played = Played(strict.call(WRITE), bad(b'{"errcode":0,"a":"\n"}'))
    assert isinstance(played.error, ProtocolError)
    assert "not JSON, JSON with faults" in str(played.error)
    assert Played(strict.call(WRITE), bad(b'{"errcode":0}')).error is None


def test_a_reply_to_a_token_request_that_is_no_json_says_so() -> None:
    clock = Clock()
    made = engine(credential=Corp("ww1", "hush-hush-hush"), clock=clock, retry=None)
    played = Played(made.call(READ), bad(b"<h1>corpsecret=hush-hush-hush</h1>"))
    assert isinstance(played.error, ProtocolError)
    assert "hush-" not in str(played.error)


def test_raw_reads_odd_bytes() -> None:
    played = Played(
        engine().raw("GET", "/x"), token(1), bad(b'{"errcode":0,"x":"\n' + CESU + b'"}')
    )
    assert played.result == {"errcode": 0, "x": "\n" + SMILE}


def test_text_is_read_like_bytes() -> None:
    assert forgiving.read('\ufeff["\ud83d\ude00\ud83d\n"]') == [SMILE + "\ufffd\n"]


# Any program may put another handler of that name in its place, so it is tried by itself, too.
@pytest.mark.parametrize(
    ("content", "kept"),
    [("\ud83d".encode("utf-8", "surrogatepass"), ("\ud83d", 4)), (b"\xff", ("\ufffd", 2))],
    ids=["half", "no character"],
)
def test_halves_of_characters_are_kept_and_other_bytes_replaced(
    content: bytes, kept: tuple[str, int]
) -> None:
    error = UnicodeDecodeError("utf-8", b"x" + content, 1, 2, "invalid")
    assert forgiving.halves(error) == kept


# Through sockets.


@pytest.fixture
def wecom() -> WeCom:
    return WeCom()


def test_a_page_with_an_odd_nickname_does_not_end_the_walk(
    colour: Any, wecom: WeCom, server: Server
) -> None:
    page = (
        b'{"errcode":0,"external_contact_list":[{"external_contact":{"external_userid":"wm%d",'
        b'"name":"%s","type":1},"follow_info":{"userid":"u","createtime":1,"add_way":1}}],'
        b'"next_cursor":"%s"}'
    )
    wecom.answers[CustomerBatchGet.endpoint.path] = [
        Reply(page % (1, b"\x07\xe6\x9d", b"c1")),
        Reply(page % (2, rb"\ud83d", b"c2")),
        Reply(b"\xef\xbb\xbf" + page % (3, CESU, b"")),
    ]
    with colour(server.url) as client:
        pager = client.client.pager(CustomerBatchGet(userid_list=["u"]))
        names = [each.external_contact.name for each in client.items(pager)]
    assert names == ["\x07\ufffd", "\ufffd", SMILE]
    assert len(server.asked(CustomerBatchGet.endpoint.path)) == 3, "no page is asked for twice"


def test_a_write_with_an_odd_reply_returns_its_id(
    colour: Any, wecom: WeCom, server: Server
) -> None:
    path = ContactWayAdd.endpoint.path
    wecom.answers[path] = Reply(b'{"errcode":0,"errmsg":"o\xffk\n","config_id":"42b3\xe4\xb8\xad"}')
    with colour(server.url) as client:
        added = client.send(ContactWayAdd(type=1, scene=2, user=["u"]))
    assert added.config_id == "42b3中"
    assert len(server.asked(path)) == 1


def test_no_json_is_asked_for_twice_for_a_read_and_once_for_a_write(
    colour: Any, wecom: WeCom, server: Server
) -> None:
    read, write = CustomerBatchGet(userid_list=["u"]), ContactWayAdd(type=1, scene=2, user=["u"])
    for call, times in ((read, 2), (write, 1)):
        path = call.endpoint.path
        wecom.answers[path] = Reply(b"[" * 100_000)
        with colour(server.url, retry=Retry(tries=9, first=0)) as client:
            with pytest.raises(ProtocolError, match="not JSON, nested too deep"):
                client.send(call)
            assert len(server.asked(path)) == times
            wecom.answers[path] = Reply(OK)
            client.send(call)  # the client is as good as new
