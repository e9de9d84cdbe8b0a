"""The envelope: published vectors, every reason to refuse, and properties no request may break."""

import base64
import builtins
import copy
import json
import math
import pickle
import random
import re
import subprocess
import sys
import time
import traceback
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, get_args
from urllib.parse import parse_qs, urlencode

import pytest
from callback_support import (
    AES_KEY,
    CORP,
    NOW,
    SUITE,
    TOKEN,
    any_event,
    callback,
    cases,
    deaf,
    free_port,
    redis_server,
    seal,
    sent,
    signed,
)
from django.conf import settings as django
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from starlette.datastructures import QueryParams
from wecom_contact import errors
from wecom_contact._runtime import callback as module
from wecom_contact._runtime.events import Event, UnknownEvent
from wecom_contact.callback import (
    Callback,
    CallbackRejected,
    Forged,
    MemorySeen,
    RedisSeen,
    Seen,
)
from wecom_contact.errors import RefusedArgument
from wecom_contact.events import AuthCreated, CustomerAdded, SuiteTicketPushed, parse
from werkzeug.datastructures import MultiDict
from yarl import URL

EVENT = CustomerAdded(
    corp_id=CORP,
    time=datetime.fromtimestamp(NOW, UTC),
    userid="zhangsan",
    external_userid="woAJ2GCAAAXtWyujaWJHDDGi0mAAAA",
    welcome_code="CODE",
)

# Published vectors. All of them are older than any window, and the same ones are read again and again.
FOREVER: Any = {"max_age": None, "seen": None}

# WXBizMsgCrypt, Sample.cpp and Sample.cs of the official library; also page 90968.
CPP = Callback(TOKEN, AES_KEY, "wx5823bf96d3bd56c7", **FOREVER)
CPP_ENCRYPTED = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/"
    "sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZ"
    "fJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LA"
    "VGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H"
    "3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q=="
)

# sbzhu/weworkapi_python, callback/Sample.py and callback_json/Sample.py: the official library for Python.
PYTHON = Callback(
    "hJqcu3uJ9Tn2gXPmxx2w9kkCkCE2EPYo",
    "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt",
    "ww1436e0e65a779aee",
    **FOREVER,
)
PYTHON_ENCRYPTED = (
    "Kl7kjoSf6DMD1zh7rtrHjFaDapSCkaOnwu3bqLc5tAybhhMl9pFeK8NslNPVdMwmBQTNoW4mY7AIjeLvEl3NyeTkAgGzBhzTtRLNshw2"
    "AEew+kkYcD+Fq72Kt00fT0WnN87hGrW8SqGc+NcT3mu87Ha3dz1pSDi6GaUA6A0sqfde0VJPQbZ9U+3JWcoD4Z5jaU0y9GSh010wsHF8"
    "KZD24YhmZH4ch4Ka7ilEbjbfvhKkNL65HHL0J6EYJIZUC2pFrdkJ7MhmEbU2qARR4iQHE7wy24qy0cRX3Mfp6iELcDNfSsPGjUQVDGxQ"
    "DCWjayJOpcwocugux082f49HKYg84EpHSGXAyh+/oxwaWbvL6aSDPOYuPDGOCI8jmnKiypE+"
)
PYTHON_JSON = (
    "cjhLUX7UU4yCSelv1vz7T0zT8huF51bAMVWriNvO1FMegHrQZNrtvRxbwf0fUPsFvwqR0U0fgiJNEA5Y30F2MoI2S7vv3EjVQ68C0cjw"
    "9frBoUE2Hj0BvFp9h3u6Vbsg4lc1C8AtHdaN8orKuNKkLRLuYEL52R1J3v8olJGZRLnRdVKIivixmX/eQpzgeExtp20jI1HxRP1AAZ6x"
    "ZoILdqDPO549LO4WeG+685JRUTdiwcY5fjZlqeMxuT4PpMn1X9OWsS7NRj06Wa5E3Tvg4twjWp39KPfOdRte6P1T4JU="
)

# wechatpy/wechatpy, tests/test_crypto.py.
WECHATPY = Callback(
    "123456", "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR", "wx49f0ab532d5d035a", **FOREVER
)
WECHATPY_ENCRYPTED = (
    "RgqEoJj5A4EMYlLvWO1F86ioRjZfaex/gePD0gOXTxpsq5Yj4GNglrBb8I2BAJVODGajiFnXBu7mCPatfjsu6IHCrsTyeDXzF6Bv283d"
    "Gymzxh6ydJRvZsryDyZbLTE7rhnus50qGPMfp2wASFlzEgMW9z1ef/RD8XzaFYgm7iTdaXpXaG4+BiYyolBug/gYNx410cvkKR2/nPwB"
    "iT+P4hIiOAQqGp/TywZBtDh1yCF2KOd0gpiMZ5jSw3e29mTvmUHzkVQiMS6td7vXUaWOMZnYZlF3So2SjHnwh4jYFxdgpkHHqIrH/54S"
    "NdshoQgWYEvccTKe7FS709/5t6NMxuGhcUGAPOQipvWTT4dShyqio7mlsl5noTrb++x6En749zCpQVhDpbV6GDnTbcX2e8K9QaNWHp91"
    "eBdCRxthuL0="
)
WECHATPY_REPLY = (
    "9s4gMv99m88kKTh/H8IdkOiMg6bisoy3ypwy9H4hvSPe9nsGaqyw5hhSjdYbcrKk+j3nba4HMOTzHrluLBYqxgNcBqGsL8GqxlhZgURn"
    "AtObvesEl5nZ+uBE8bviY0LWke8Zy9V/QYKxNV2FqllNXcfmstttyIkMKCCmVbCFM2JTF5wY0nFhHZSjPUL2Q1qvSUCUld+/WIXrx0oy"
    "KQmpB6o8NRrrNrsDf03oxI1p9FxUgMnwKKZeOA/uu+2IEvEBtb7muXsVbwbgX05UPPJvFurDXafG0RQyPR+mf1nDnAtQmmNOuiR5MIkd"
    "Q39xn1vWwi1O5oazPoQJz0nTYjxxEE8kv3kFxtAGVRe3ypD3WeK2XeFYFMNMpatF9XiKzHo3"
)


def words(signature: str, timestamp: int, nonce: int, **more: str) -> dict[str, str]:
    return {"msg_signature": signature, "timestamp": str(timestamp), "nonce": str(nonce), **more}


@pytest.mark.parametrize(
    ("wecom", "query", "echo"),
    [
        (
            CPP,
            words(
                "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
                1409659589,
                263014780,
                echostr="P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==",
            ),
            "1616140317555161061",
        ),
        (
            PYTHON,
            words(
                "012bc692d0a58dd4b10f8dfe5c4ac00ae211ebeb",
                1476416373,
                47744683,
                echostr="fsi1xnbH4yQh0+PJxcOdhhK6TDXkjMyhEPA7xB2TGz6b+g7xyAbEkRxN/3cNXW9qdqjnoVzEtpbhnFyq6SVHyA==",
            ),
            "1288432023552776189",
        ),
        (
            WECHATPY,
            words(
                "dd6b9c95b495b3f7e2901bfbc76c664930ffdb96",
                1411443780,
                437374425,
                echostr="4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q==",
            ),
            "5927782489442352469",
        ),
    ],
)
def test_published_examples_of_url_verification_are_answered(
    wecom: Callback, query: dict[str, str], echo: str
) -> None:
    assert wecom.verify_url(query) == echo
    assert wecom.verify_url(urlencode(query)) == echo
    assert wecom.verify_url(b"?" + urlencode(query).encode()) == echo
    # What a server makes of a plus sign that was not escaped.
    spaced = {**query, "echostr": query["echostr"].replace("+", " ")}
    assert wecom.verify_url(spaced) == echo


@pytest.mark.parametrize(
    ("wecom", "query", "encrypted", "content"),
    [
        (
            CPP,
            words("477715d11cdb4164915debcba66cb864d751f3e6", 1409659813, 1372623149),
            CPP_ENCRYPTED,
            "hello",
        ),
        (
            PYTHON,
            words("0c3914025cb4b4d68103f6bfc8db550f79dcf48e", 1476422779, 1597212914),
            PYTHON_ENCRYPTED,
            "你好",
        ),
        (
            WECHATPY,
            words("74d92dfeb87ba7c714f89d98870ae5eb62dff26d", 1411525903, 461056294),
            WECHATPY_ENCRYPTED,
            "test",
        ),
    ],
)
def test_published_examples_of_messages_are_read(
    wecom: Callback, query: dict[str, str], encrypted: str, content: str
) -> None:
    body = (
        f"<xml><ToUserName><![CDATA[{wecom.receive_ids[0]}]]></ToUserName>\n"
        f"<Encrypt><![CDATA[{encrypted}]]></Encrypt>\n<AgentID><![CDATA[1]]></AgentID>\n</xml>"
    )
    event = wecom.read(query, body)
    assert isinstance(event, UnknownEvent)
    assert event.data["Content"] == content
    assert event.receiver == wecom.receive_ids[0]


@pytest.mark.parametrize(
    "names",
    [("tousername", "encrypt", "agentid"), ("ToUserName", "Encrypt", "AgentID")],
    ids=["python3", "python2"],
)
def test_published_json_message(names: tuple[str, str, str]) -> None:
    # The clear part of this sample names a company that is not the receiver: only `encrypt` counts.
    body = json.dumps(dict(zip(names, ("wx5823bf96d3bd56c7", PYTHON_JSON, 218), strict=True)))
    query = words("e3647471e395139e2308c1fa963f2d648a00b90e", 1409659813, 1372623149)
    content, receiver = PYTHON.decrypt(query, body)
    assert receiver == "ww1436e0e65a779aee"
    # The sample's message lacks a quote, so it can be decrypted but is no JSON: it is handed on as it is.
    assert b'"Content": "hello", "MsgId": 4561255354251345929' in content
    event = PYTHON.read(query, body)
    assert isinstance(event, UnknownEvent)
    assert event.data == {"#text": content.decode()}


def test_a_published_reply_is_written_to_the_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WECHATPY, "_random", lambda size: b"1234567890123456")
    message = (
        "<xml>\n<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[test]]></Content>\n"
        "<FromUserName><![CDATA[wx49f0ab532d5d035a]]></FromUserName>\n"
        "<ToUserName><![CDATA[messense]]></ToUserName>\n<AgentID>1</AgentID>\n"
        "<CreateTime>1411525903</CreateTime>\n</xml>"
    )
    assert WECHATPY.reply(message, timestamp=1411525903, nonce="461056294") == (
        f"<xml><Encrypt><![CDATA[{WECHATPY_REPLY}]]></Encrypt>"
        "<MsgSignature><![CDATA[407518b7649e86ef23978113f92d27afa9296533]]></MsgSignature>"
        "<TimeStamp>1411525903</TimeStamp><Nonce><![CDATA[461056294]]></Nonce></xml>"
    )
    assert json.loads(
        WECHATPY.reply(message, timestamp=1411525903, nonce="461056294", json=True)
    ) == {
        "encrypt": WECHATPY_REPLY,
        "msgsignature": "407518b7649e86ef23978113f92d27afa9296533",
        "timestamp": 1411525903,
        "nonce": "461056294",
    }


def test_a_reply_can_be_decrypted() -> None:
    reply = json.loads(deaf().reply("你好", receiver=SUITE, json=True))
    query = words(reply["msgsignature"], reply["timestamp"], reply["nonce"])
    assert deaf().decrypt(query, json.dumps(reply)) == ("你好".encode(), SUITE)
    assert reply["timestamp"] == NOW


# What WeCom sends is read.


@pytest.mark.parametrize("json_form", [False, True], ids=["xml", "json"])
def test_every_fixture_comes_through(json_form: bool) -> None:
    for case in cases():
        event = parse(case.xml)
        received = deaf().read(*deaf().forge(event, json=json_form))
        assert received == event
        assert received.receiver == (SUITE if case.suite_id else CORP)


@settings(max_examples=300, deadline=None)
@given(any_event, st.booleans())
def test_read_is_the_inverse_of_forge(event: Event, json_form: bool) -> None:
    wecom = deaf(max_age=None)
    assert wecom.read(*wecom.forge(event, json=json_form)) == event


def test_a_forged_request_looks_like_wecoms() -> None:
    query, body = callback().forge(EVENT, agent_id=218, nonce="1372623149")
    assert set(query) == {"msg_signature", "timestamp", "nonce"}
    assert (query["timestamp"], query["nonce"]) == (str(NOW), "1372623149")
    assert body.startswith(
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><Encrypt><![CDATA[".encode()
    )
    assert body.endswith(b"]]></Encrypt><AgentID><![CDATA[218]]></AgentID></xml>")
    forged = json.loads(callback().forge(EVENT, json=True).body)
    assert {**forged, "encrypt": ""} == {"tousername": CORP, "encrypt": "", "agentid": ""}


def test_a_forged_url_check_comes_through() -> None:
    assert (
        callback().verify_url(callback().forge_url("1616140317555161061")) == "1616140317555161061"
    )


def test_the_receiver_is_told() -> None:
    wecom = deaf()
    ticket = SuiteTicketPushed(suite_id=SUITE, time=EVENT.time, suite_ticket="t")
    assert wecom.read(*wecom.forge(ticket)).receiver == SUITE
    assert wecom.read(*wecom.forge(EVENT)).receiver == CORP
    assert wecom.read(*wecom.forge(EVENT, receiver=SUITE)).receiver == SUITE
    received = wecom.read(*wecom.forge(EVENT, receiver=SUITE))
    assert wecom.read(*wecom.forge(received)).receiver == SUITE, "as it came"
    # A message whose ids mean nothing to the callback goes to its first.
    other = CustomerAdded(corp_id="ww1", time=EVENT.time, userid="a", external_userid="b")
    assert wecom.read(*wecom.forge(other)).receiver == CORP
    # The suite of a personal developer has an empty receiver.
    personal = Callback(TOKEN, AES_KEY, "", seen=None, clock=lambda: NOW)
    assert personal.read(*personal.forge(EVENT)).receiver == ""


def test_every_padding_is_taken() -> None:
    wecom = deaf()
    for size in range(64):
        content = b"x" * size
        assert wecom.decrypt(*sent(wecom, content)) == (content, CORP)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: b"\xef\xbb\xbf" + body,
        lambda body: b"\xef\xbb\xbf\r\n <?xml version='1.0' encoding='UTF-8'?>\n" + body + b"\n",
        lambda body: body.replace(b"<![CDATA[", b"\r\n\t<![CDATA[").replace(b"]]></", b"]]>\n</"),
        lambda body: body.replace(b"><", b">\n<"),
        lambda body: body.replace(b"</xml>", b"<A/><B></B><C />\n</xml>"),
        lambda body: re.sub(rb"<AgentID>.*?</AgentID>", b"<AgentID/>", body),
        lambda body: re.sub(rb"<ToUserName>.*?</ToUserName>", b"<ToUserName></ToUserName>", body),
        lambda body: re.sub(rb"<!\[CDATA\[(.*?)\]\]>", rb"\n\1\n", body),
        lambda body: body.replace(CORP.encode(), b"\xff\xed\xa0\xbd"),
        bytearray,
        memoryview,
        bytes.decode,
    ],
)
def test_an_envelope_with_dirt_around_what_counts_is_read(change: Any) -> None:
    wecom = deaf()
    query, body = wecom.forge(EVENT)
    assert wecom.read(query, change(body)) == EVENT


@pytest.mark.parametrize(
    "change",
    [
        lambda body: b"\xef\xbb\xbf" + body,
        lambda body: b"[" + body + b"]",
        lambda body: body.replace(CORP.encode(), b"a\x00\n\\ud83d\xff"),
        lambda body: body.replace(b'"agentid"', b'"\\udc00": NaN, "agentid"'),
        lambda body: body.replace(b'"encrypt"', b'"Encrypt"'),
    ],
)
def test_a_json_envelope_with_dirt_around_what_counts_is_read(change: Any) -> None:
    wecom = deaf()
    query, body = wecom.forge(EVENT, json=True)
    assert wecom.read(query, change(body)) == EVENT


def test_what_wecom_signed_reaches_the_handler_whatever_it_is() -> None:
    for message in ("text", "{", "<xml><CreateTime>soon</CreateTime></xml>", b"\xff\x00\x01"):
        wecom = callback()
        event = wecom.read(*sent(wecom, message))
        assert isinstance(event, UnknownEvent)
        assert event.data
        assert wecom.is_new(event)


def test_the_five_entities_of_xml_are_read_in_plain_text_and_in_odd_messages() -> None:
    for around in ("", "<!-- odd -->"):
        message = f"<xml>{around}<Remark>a&amp;b&lt;c&gt;d&quot;e&apos;f&#65;&#x42;</Remark></xml>"
        event = callback().read(*sent(callback(), message))
        assert isinstance(event, UnknownEvent)
        assert event.data["Remark"] == "a&b<c>d\"e'fAB"


def test_receive_ids_that_are_not_text_are_named_by_their_kind() -> None:
    odd: Any = 5
    with pytest.raises(RefusedArgument, match="an id or several, not int"):
        Callback(TOKEN, AES_KEY, odd)


def test_a_body_may_be_text_and_have_space_around() -> None:
    wecom = deaf()
    query, body = wecom.forge(EVENT)
    assert wecom.read(query, f"\n {body.decode()}\r\n") == EVENT
    query, body = wecom.forge(EVENT, json=True)
    assert wecom.read(urlencode(query), f" {body.decode()} ") == EVENT


# Every reason to refuse.


def refused(reason: str, wecom: Callback, request: Forged, match: str | None = None) -> None:
    with pytest.raises(CallbackRejected, match=match) as caught:
        wecom.read(*request)
    assert caught.value.reason == reason
    assert isinstance(caught.value, errors.CallbackRejected)
    assert isinstance(caught.value, errors.WeComError)


@pytest.mark.parametrize("name", ["msg_signature", "timestamp", "nonce"])
@pytest.mark.parametrize("value", [None, "", "0", "é", "\ud800", "A" * 40])
def test_a_signature_that_does_not_fit_is_refused(name: str, value: str | None) -> None:
    query, body = callback().forge(EVENT)
    if value is None:
        del query[name]
    else:
        query[name] = value
    refused("signature", callback(), Forged(query, body))


def test_the_signature_has_small_letters() -> None:
    query, body = callback().forge(EVENT)
    query["msg_signature"] = query["msg_signature"].upper()
    refused("signature", callback(), Forged(query, body))


def test_another_token_is_refused() -> None:
    other = Callback("another", AES_KEY, CORP, clock=lambda: NOW)
    refused("signature", callback(), other.forge(EVENT))
    with pytest.raises(CallbackRejected, match="signature"):
        callback().verify_url(other.forge_url("echo"))


def test_the_token_is_not_told() -> None:
    with pytest.raises(CallbackRejected) as caught:
        callback().read({}, callback().forge(EVENT).body)
    for told in (str(caught.value), repr(caught.value), repr(callback())):
        assert TOKEN not in told
        assert AES_KEY not in told


TICKET = SuiteTicketPushed(suite_id=SUITE, time=EVENT.time, suite_ticket="TICKET-IN-PLAIN")
CODE = AuthCreated(suite_id=SUITE, time=EVENT.time, auth_code="TICKET-IN-PLAIN")


def shown(error: BaseException) -> str:
    """What a tool that captures local variables shows of our frames, also of exceptions behind this one."""
    whole = traceback.TracebackException.from_exception(error, capture_locals=True)
    parts, seen = [str(error), repr(error)], [whole]
    while seen:
        each = seen.pop()
        parts += [
            f"{frame.name} {frame.locals}"
            for frame in each.stack
            if "wecom_contact" in frame.filename
        ]
        seen += [one for one in (each.__cause__, each.__context__) if one is not None]
    return "\n".join(parts)


class Sprung(BaseException):
    """As an interrupt: no Exception."""


def sealed_secrets(wecom: Callback, request: Forged | None) -> list[str]:
    secrets = [TOKEN, AES_KEY, AES_KEY[:-1], str(module.read_key(AES_KEY)), "TICKET-IN-PLAIN"]
    if request is not None and "wrong" in request.query["msg_signature"]:
        words = dict(request.query)
        secrets.append(
            wecom._signature(words["timestamp"], words["nonce"], module.read_envelope(request.body))
        )
    return secrets


def refusals() -> Iterator[tuple[str, Callback, Forged]]:
    wecom = callback()
    for event in (TICKET, CODE):
        query, body = wecom.forge(event)
        yield "signature", wecom, Forged({**query, "msg_signature": "wrong"}, body)
        yield "receiver", wecom, wecom.forge(event, receiver="wwother")
        yield "too old", wecom, wecom.forge(event, timestamp=NOW - 999)
        yield (
            "too old",
            callback(clock=lambda: NOW + 9_999),
            wecom.forge(event, timestamp=NOW + 9_999),
        )
        yield "too large", callback(max_bytes=9), wecom.forge(event)
        wecom.read(query, body)
        yield "replayed", wecom, Forged(query, body)
    yield (
        "format",
        wecom,
        sent(wecom, "<!DOCTYPE x><xml><SuiteTicket>TICKET-IN-PLAIN</SuiteTicket></xml>"),
    )
    yield (
        "format",
        wecom,
        sent(wecom, "<xml><SuiteTicket>TICKET-IN-PLAIN</SuiteTicket>" + "<a>" * 9),
    )
    yield (
        "format",
        wecom,
        sent(wecom, '{"SuiteTicket": "TICKET-IN-PLAIN", "a": ' + '{"a": ' * 20 + "1" + "}" * 21),
    )
    plain = b"0" * 16 + (9_999).to_bytes(4, "big") + b"TICKET-IN-PLAIN.."
    yield (
        "format",
        wecom,
        signed(wecom, seal(wecom, plain + b"." * (-len(plain) % 32 - 1) + b"\x01")),
    )
    yield "padding", wecom, signed(wecom, seal(wecom, plain + b"\x00" * (-len(plain) % 32)))


def test_no_refusal_shows_a_secret_in_its_local_variables() -> None:
    found = set()
    for reason, wecom, request in refusals():
        with pytest.raises(CallbackRejected) as caught:
            wecom.read(*request)
        assert caught.value.reason == reason
        found.add(reason)
        told = shown(caught.value)
        for secret in sealed_secrets(wecom, request):
            assert secret not in told, (reason, told)
    assert found == set(get_args(errors.Reason))


@pytest.mark.parametrize(
    "place",
    [
        "_signature", "_verify", "_decrypt", "_check_age", "read_event", "read_plain",
        "event.key", "seen", "write_event", "wire_data", "_encrypt", "_sign",
    ],
)  # fmt: skip
def test_an_interrupt_at_any_place_shows_no_secret(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wecom = callback()
    request = wecom.forge(TICKET)

    def interrupt(*_: object, **__: object) -> Any:
        raise Sprung

    if place.startswith("_"):
        monkeypatch.setattr(wecom, place, interrupt)
    elif place in ("read_event", "read_plain"):
        monkeypatch.setattr(
            f"wecom_contact._runtime.{'callback' if place == 'read_event' else 'events'}.{place}",
            interrupt,
        )
    elif place == "event.key":
        monkeypatch.setattr("wecom_contact._runtime.events.json.dumps", interrupt)
    elif place == "seen":
        monkeypatch.setattr(wecom.seen, "add", interrupt)
    else:
        monkeypatch.setattr(module, place, interrupt)
    caught = []
    for act in (
        lambda: wecom.read(*request),
        lambda: wecom.is_new(TICKET),
        lambda: TICKET.key,
        lambda: wecom.forge(TICKET),
        lambda: wecom.forge(TICKET, json=True),
        lambda: wecom.reply("<xml/>"),
        lambda: wecom.forge_url("echo"),
    ):
        try:
            act()
        except Sprung as error:
            caught.append(error)
    assert caught
    for error in caught:
        for secret in sealed_secrets(wecom, None):
            assert secret not in shown(error), place


def test_what_the_caller_was_handling_keeps_its_local_variables() -> None:
    def fail() -> None:
        mine = "of the caller"
        raise KeyError(mine)

    def both() -> None:
        try:
            fail()
        except KeyError:
            callback().read({}, b"")

    with pytest.raises(CallbackRejected) as caught:
        both()
    context = caught.value.__context__
    assert context is not None
    told = traceback.TracebackException.from_exception(context, capture_locals=True)
    assert told.stack[-1].locals == {"mine": "'of the caller'"}


@pytest.mark.parametrize(("name", "value"), [("token", ""), ("aes_key", AES_KEY + "\n"), ("max_age", "x"),
                                             ("receive_ids", None), ("clock", 5)])  # fmt: skip
def test_a_refused_callback_shows_no_key_in_its_local_variables(name: str, value: Any) -> None:
    arguments = {"token": TOKEN, "aes_key": AES_KEY, "receive_ids": CORP, name: value}
    with pytest.raises(RefusedArgument) as caught:
        Callback(**arguments)
    told = shown(caught.value)
    assert TOKEN not in told
    assert AES_KEY not in told


def test_a_callback_keeps_its_secrets_to_itself() -> None:
    wecom = callback()
    for told in (repr(wecom), str(vars(wecom)), repr(wecom._token)):
        assert TOKEN not in told
        assert AES_KEY not in told
    for copies in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="holds a key and is not pickled or copied"):
            copies(wecom)


def test_nothing_is_parsed_before_the_signature_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> None:
        pytest.fail("parsed")

    query, body = callback().forge(EVENT)
    query["nonce"] = "1"
    monkeypatch.setattr("wecom_contact._runtime.events.expat.ParserCreate", forbidden)
    monkeypatch.setattr(module, "read_event", forbidden)
    refused("signature", callback(), Forged(query, body))
    laughs = b'<!DOCTYPE l [<!ENTITY a "ha">]><xml><Encrypt>&a;</Encrypt></xml>'
    refused("format", callback(), Forged(query, laughs))


def test_a_message_for_somebody_else_is_refused() -> None:
    wecom = callback()
    refused("receiver", wecom, wecom.forge(EVENT, receiver="wwother"), "'wwother' is none of 'wxf8")
    refused("receiver", wecom, wecom.forge(EVENT, receiver=""), "'' is none of")
    refused("receiver", wecom, wecom.forge(EVENT, receiver=CORP + "x"))
    refused("receiver", wecom, wecom.forge(EVENT, receiver="x" * 65), f"'{'x' * 64}' is none of")
    plain = b"0" * 16 + (0).to_bytes(4, "big") + b"\xff" * 11 + b"\x01"
    refused("receiver", wecom, signed(wecom, seal(wecom, plain)))


HALF = "\ud83d"
WRONG: Any = [None, 5, b"bytes", [], {}, object()]
BAD_ARGUMENTS: list[tuple[str, Any]] = [
    *(("token", value) for value in [*WRONG, "", " ", f"{TOKEN}\n", f" {TOKEN}"]),
    *(("aes_key", value) for value in [*WRONG, "", AES_KEY[:-1], AES_KEY + "=", AES_KEY[:-1] + "-"]),
    *(("aes_key", value) for value in ["é" * 43, f"{AES_KEY}\n", f" {AES_KEY}", HALF * 43]),
    *(("receive_ids", value) for value in [*WRONG, (), [None], [CORP, 5], [CORP, b"x"], [f"{CORP} "]]),
    *(("receive_ids", value) for value in [f"{CORP}\n", HALF]),
    *(("max_age", value) for value in ["300", 0, -1, True, math.nan, math.inf, [], HALF, 10**400]),
    *(("seen", value) for value in ["redis", 5, {}, True, [], HALF]),
    *(("seen", SimpleNamespace(**{name: print})) for name in ("add", "discard")),
    *(("max_bytes", value) for value in [None, "5", 0, -1, 1.5, True, []]),
    *(("clock", value) for value in [None, 5, "now", HALF]),
    *(("on_drift", value) for value in [5, "drift.jsonl", []]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BAD_ARGUMENTS, ids=range(len(BAD_ARGUMENTS)))
def test_a_wrong_argument_is_refused_with_a_path(name: str, value: Any) -> None:
    arguments = {"token": TOKEN, "aes_key": AES_KEY, "receive_ids": CORP, name: value}
    with pytest.raises(RefusedArgument) as caught:
        Callback(**arguments)
    assert caught.value.path.partition("[")[0] == f"Callback.{name}"
    told = str(caught.value) + repr(caught.value)
    assert TOKEN not in told
    assert AES_KEY[:-1] not in told
    if name in ("token", "aes_key"):
        assert not isinstance(value, str) or not value.strip() or value.strip() not in told


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("token", 5, "is not text but int"),
        ("token", "", "is empty; anybody could sign"),
        ("token", "a ", "has blanks around it"),
        ("aes_key", b"x", "is not text but bytes"),
        ("aes_key", "x", "an EncodingAESKey has 43 letters and digits"),
        ("receive_ids", b"x", "an id or several, not bytes"),
        ("receive_ids", [], "give at least one id"),
        ("receive_ids", [CORP, None], "is not text but NoneType"),
        ("receive_ids", " a", "has blanks around it"),
        ("receive_ids", HALF, "has half of a surrogate pair"),
        ("max_age", 0, "seconds, more than 0, or None for any age, not 0"),
        ("seen", "redis", 'is neither "memory" nor None, nor has it `add` and `discard`'),
        ("max_bytes", 0, "bytes, more than 0, not 0"),
        ("on_drift", "a.jsonl", "is not a function of one argument, but str"),
        ("clock", 5, "is not a function without arguments"),
    ],
)
def test_a_wrong_argument_is_told_what_it_should_be(name: str, value: Any, what: str) -> None:
    arguments = {"token": TOKEN, "aes_key": AES_KEY, "receive_ids": CORP, name: value}
    with pytest.raises(RefusedArgument) as caught:
        Callback(**arguments)
    assert caught.value.what == what


@pytest.mark.parametrize(
    "argument", [{"max_bytes": 1}, {"max_age": 1}, {"max_age": 0.5}, {"receive_ids": [CORP]}]
)
def test_the_least_that_an_argument_may_be_is_taken(argument: Any) -> None:
    assert Callback(**{"token": TOKEN, "aes_key": AES_KEY, "receive_ids": CORP} | argument)


def test_a_key_with_blanks_around_is_told_so() -> None:
    with pytest.raises(RefusedArgument, match="43 letters and digits, and no blanks around them"):
        Callback(TOKEN, f"{AES_KEY} ", CORP)


@pytest.mark.parametrize(
    ("path", "act"),
    [
        ("Callback.query", lambda wecom, bad: wecom.read(bad, b"")),
        ("Callback.query", lambda wecom, bad: wecom.verify_url(bad)),
        ("Callback.query", lambda wecom, bad: wecom.decrypt(bad, b"")),
        ("Callback.query", lambda wecom, bad: wecom.forget(bad, EVENT)),
        ("Callback.query", lambda wecom, bad: wecom.peek(bad, b"")),
        ("Callback.query", lambda wecom, bad: wecom.knows(bad, EVENT)),
        ("Callback.query", lambda wecom, bad: wecom.remember(bad, EVENT)),
        ("Callback.knows.event", lambda wecom, bad: wecom.knows({}, bad)),
        ("Callback.remember.event", lambda wecom, bad: wecom.remember({}, bad)),
        ("Callback.body", lambda wecom, bad: wecom.peek({}, bad)),
        ("Callback.body", lambda wecom, bad: wecom.read({}, bad)),
        ("Callback.body", lambda wecom, bad: wecom.decrypt("", bad)),
        ("Callback.is_new.event", lambda wecom, bad: wecom.is_new(bad)),
        ("Callback.forget.event", lambda wecom, bad: wecom.forget({}, bad)),
        ("Callback.reply.message", lambda wecom, bad: wecom.reply(bad)),
        ("Callback.reply.receiver", lambda wecom, bad: wecom.reply("", receiver=bad or 5)),
        ("Callback.reply.nonce", lambda wecom, bad: wecom.reply("", nonce=bad or 5)),
        ("Callback.reply.timestamp", lambda wecom, bad: wecom.reply("", timestamp=bad or "5")),
        ("Callback.forge.event", lambda wecom, bad: wecom.forge(bad)),
        ("Callback.forge.receiver", lambda wecom, bad: wecom.forge(EVENT, receiver=bad or 5)),
        ("Callback.forge.nonce", lambda wecom, bad: wecom.forge(EVENT, nonce=bad or 5)),
        ("Callback.forge.timestamp", lambda wecom, bad: wecom.forge(EVENT, timestamp=bad or "5")),
        ("Callback.forge.agent_id", lambda wecom, bad: wecom.forge(EVENT, agent_id=bad or "5")),
        ("Callback.forge_url.echo", lambda wecom, bad: wecom.forge_url(bad)),
        ("Callback.forge_url.timestamp", lambda wecom, bad: wecom.forge_url("", timestamp=bad or "5")),
        ("asgi.callback", lambda wecom, bad: module.asgi(bad, print)),
        ("asgi.handler", lambda wecom, bad: module.asgi(wecom, bad)),
        ("wsgi.callback", lambda wecom, bad: module.wsgi(bad, print)),
        ("wsgi.handler", lambda wecom, bad: module.wsgi(wecom, bad)),
        ("wsgi.workers", lambda wecom, bad: module.wsgi(wecom, print, workers=bad)),
        ("wsgi.queue", lambda wecom, bad: module.wsgi(wecom, print, queue=bad)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("bad", [None, 1.5, object()], ids=["none", "fraction", "object"])
def test_every_method_refuses_what_it_cannot_take(path: str, act: Any, bad: Any) -> None:
    with pytest.raises(RefusedArgument) as caught:
        act(callback(), bad)
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("act", "what"),
    [
        (lambda wecom: wecom.read(5, b""), "a query string or its parameters, not int"),
        (lambda wecom: wecom.read({}, 5), "the bytes of the request, not int"),
        (lambda wecom: wecom.is_new(5), "an event, not int"),
        (lambda wecom: wecom.reply(b"x"), "is not text but bytes"),
        (lambda wecom: wecom.reply("", nonce=5), "is not text but int"),
        (lambda wecom: wecom.reply("", timestamp="5"), "a whole number of seconds, not str"),
        (lambda wecom: wecom.reply("", timestamp=True), "a whole number of seconds, not bool"),
        (lambda wecom: wecom.forge(EVENT, agent_id="5"), "a whole number, not str"),
        (lambda wecom: wecom.forge(EVENT, agent_id=True), "a whole number, not bool"),
        (lambda wecom: module.asgi(5, print), "a Callback, not int"),
        (lambda wecom: module.asgi(wecom, 5), "a function that takes an event, not int"),
        (lambda wecom: module.wsgi(wecom), "give a function that takes an event, or before_answer=, or both"),
        (lambda wecom: module.wsgi(wecom, print, workers=0), "a whole number, at least 1, not 0"),
        (lambda wecom: module.wsgi(wecom, print, queue=-1), "a whole number, at least 0, not -1"),
        (lambda wecom: module.wsgi(wecom, before_answer=print, key=print), "gives handlers their order, and there is no handler"),
    ],
)  # fmt: skip
def test_every_method_says_what_it_takes(act: Any, what: str) -> None:
    with pytest.raises(RefusedArgument) as caught:
        act(callback())
    assert caught.value.what == what


@pytest.mark.parametrize(
    ("name", "bad"), [("workers", 0), ("workers", True), ("queue", -1), ("queue", "9")]
)
def test_the_bounds_of_the_wsgi_app_are_numbers(name: str, bad: Any) -> None:
    with pytest.raises(RefusedArgument, match=f"wsgi.{name}: a whole number, at least"):
        module.wsgi(callback(), print, **{name: bad})


def test_half_of_a_surrogate_pair_is_refused_with_a_path() -> None:
    wecom = callback()
    half = CustomerAdded(time=EVENT.time, userid=HALF, external_userid="wm1")
    for json_form in (False, True):
        with pytest.raises(RefusedArgument, match=r"^Callback\.forge\.event.*: "):
            wecom.forge(half, json=json_form)
    with pytest.raises(
        RefusedArgument, match=r"forge.event.UserID: has a character that XML cannot"
    ):
        wecom.forge(half)
    for act in (
        lambda: wecom.reply(HALF),
        lambda: wecom.reply("", receiver=HALF),
        lambda: wecom.reply("", nonce=HALF),
        lambda: wecom.forge_url(HALF),
    ):
        with pytest.raises(RefusedArgument, match="half of a surrogate pair"):
            act()


def test_no_receive_ids() -> None:
    with pytest.raises(ValueError, match="at least one id"):
        Callback(TOKEN, AES_KEY, [])


def test_a_wrong_key_shows_in_the_padding() -> None:
    other = Callback(TOKEN, AES_KEY.swapcase(), [CORP, SUITE], clock=lambda: NOW)
    reasons = set()
    for _ in range(50):
        with pytest.raises(CallbackRejected) as caught:
            callback().read(*other.forge(EVENT))
        reasons.add(caught.value.reason)
    assert "padding" in reasons
    assert reasons <= {"padding", "format", "receiver"}


@pytest.mark.parametrize(
    "pad", [b"\x00", b"\x21", b"\x80", b"\xff", b"\x01\x02", b"\x20", b"\x03\x03"]
)
def test_a_padding_that_is_none_is_refused(pad: bytes) -> None:
    wecom = callback()
    plain = b"0" * 16 + (4).to_bytes(4, "big") + b"text" + CORP.encode()
    plain += b"." * (-len(plain + pad) % 32) + pad
    refused("padding", wecom, signed(wecom, seal(wecom, plain)))


@pytest.mark.parametrize("length", [30, 1_000, 2**31, 2**32 - 1])
def test_a_wrong_length(length: int) -> None:
    wecom = callback()
    plain = b"0" * 16 + length.to_bytes(4, "big") + b"text" + CORP.encode()
    pad = 32 - len(plain) % 32
    refused("format", wecom, signed(wecom, seal(wecom, plain + bytes([pad]) * pad)), "length")


def test_a_message_shorter_than_its_head() -> None:
    wecom = callback()
    refused("format", wecom, signed(wecom, seal(wecom, b"\x10" * 16)))
    refused("format", wecom, signed(wecom, seal(wecom, b"\x00" * 12 + b"\x04" * 4)))


@pytest.mark.parametrize(
    "encrypted", ["", "=", "AAAA", "A" * 22, "A" * 23 + "==", "?" * 24, "é" * 24]
)
def test_what_is_no_base64_or_no_block(encrypted: str) -> None:
    wecom = callback()
    refused("format", wecom, signed(wecom, encrypted))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<xml></xml>",
        b"<xml><Encrypt>AAAA</Encrypt>",
        b"<Encrypt>AAAA</Encrypt>",
        b"<xml><Encrypt>AAAA</Encrypt><Encrypt>AAAA</Encrypt></xml>",
        b"<xml><Encrypt><Encrypt>AAAA</Encrypt></Encrypt></xml>",
        b"<xml><!-- <Encrypt>AAAA</Encrypt> --></xml>",
        b"<xml>AAAA</xml>",
        "<xml><Encrypt>AAAA</Encrypt></xml>".encode("utf-16"),
        b"<xml>" * 50_000,
        b"{" * 50_000,
        b'{"a":' * 40_000,
        b"{}",
        b'{"encrypt": 1}',
        b'{"encrypt": null}',
        b"[]",
        b"null",
        b"\x00",
        b"\xff\xff",
    ],
    ids=range(19),
)
def test_format_of_the_envelope(body: bytes) -> None:
    refused("format", callback(), Forged(callback().forge(EVENT).query, body))


@pytest.mark.parametrize(
    "message",
    [
        "",
        "<xml>",
        "<xml/>",
        "<a>" * 9 + "</a>" * 9,
        "<a>" * 30_000,
        '{"a":' * 30_000,
        "<!DOCTYPE x><xml><Event>x</Event></xml>",
    ],
)
def test_format_of_the_message(message: str) -> None:
    wecom = callback()
    refused("format", wecom, sent(wecom, message))


def laughs() -> str:
    """A billion laughs, and a quadratic blow-up beside it."""
    names = "abcdefghij"
    entities = "".join(
        f'<!ENTITY {here} "{f"&{there};" * 10}">'
        for here, there in zip(names, names[1:], strict=False)
    )
    return (
        f'<!DOCTYPE l [{entities}<!ENTITY j "ha"><!ENTITY q "{"x" * 50_000}">]>'
        f"<xml><Event>&a;</Event><A>{'&q;' * 10_000}</A></xml>"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-16-le"])
def test_a_billion_laughs(encoding: str) -> None:
    wecom = callback(max_bytes=2**20)
    request = sent(wecom, laughs().encode(encoding))
    tracemalloc.start()
    begun = time.perf_counter()
    refused("format", wecom, request, "DOCTYPE|no XML")
    assert time.perf_counter() - begun < 2
    assert tracemalloc.get_traced_memory()[1] < 20e6
    tracemalloc.stop()


def test_a_hundred_megabytes() -> None:
    query, body = callback().forge(EVENT)
    bodies = [b"x" * 100_000_000, body.replace(b"</xml>", b" " * 100_000_000 + b"</xml>")]
    for huge in bodies:
        tracemalloc.start()
        begun = time.perf_counter()
        refused("too large", callback(), Forged(query, huge), "262144 bytes")
        assert time.perf_counter() - begun < 1
        assert tracemalloc.get_traced_memory()[1] < 1e6
        tracemalloc.stop()
    with pytest.raises(CallbackRejected, match="too large"):
        callback().verify_url({**query, "echostr": "A" * 300_000})


@pytest.mark.parametrize(
    "body",
    [
        b"<xml>" + b" " * 260_000 + b"</xml>",
        b"<xml><A>" + b" " * 260_000,
        b"<xml>" + b"<A></A>" * 37_000 + b"</xml>",
        b"<xml>" + b"<A>" * 80_000 + b"</xml>",
        b"<xml><A><![CDATA[" + b"]" * 260_000 + b"</xml>",
        b"<xml>" + b"<![CDATA[" * 28_000 + b"</xml>",
        b"<xml><A>" + b" " * 130_000 + b"x" + b" " * 130_000 + b"</B></xml>",
        b"<xml><A>" + b"\n" * 260_000 + b"<",
        b"<xml><A><![CDATA[x]]>" + b"\n" * 260_000 + b"</B></xml>",
        b"<?xml " + b" " * 260_000,
        b"<?xml?>" * 37_000,
        b"<xml><A>" + b"<B></B>" * 37_000 + b"</xml>",
        b"<xml><A>" + b" <B> </B>" * 28_000 + b" " * 9_000 + b"</A ></xml>",
        b"<xml>" + b"<A/>" * 65_000,
        b"[" * 260_000,
        b'{"a":' + b"9" * 260_000 + b"}",
        b'{"a":"\x00' + b"\\ud800" * 43_000 + b'"}',
    ],
    ids=range(17),
)
def test_no_body_takes_long(body: bytes) -> None:
    begun = time.perf_counter()
    refused("format", callback(), Forged({}, body))
    assert time.perf_counter() - begun < 1


@pytest.mark.parametrize("age", [301, 86_400, -301, -86_400])
def test_what_is_older_than_max_age_is_refused(age: int) -> None:
    wecom, where = callback(), "old" if age > 0 else "ahead of our clock"
    refused(
        "too old", wecom, wecom.forge(EVENT, timestamp=NOW - age), f"{abs(age)} seconds {where}"
    )
    with pytest.raises(CallbackRejected, match="too old"):
        wecom.verify_url(wecom.forge_url("echo", timestamp=NOW - age))
    assert deaf(max_age=None).read(*wecom.forge(EVENT, timestamp=NOW - age)) == EVENT
    assert deaf(max_age=100_000).read(*wecom.forge(EVENT, timestamp=NOW - age)) == EVENT


@pytest.mark.parametrize("age", [0, 300, -300])
def test_not_too_old(age: int) -> None:
    assert callback().read(*callback().forge(EVENT, timestamp=NOW - age)) == EVENT


def at(when: float) -> CustomerAdded:
    return CustomerAdded(
        corp_id=CORP, time=datetime.fromtimestamp(when, UTC), userid="a", external_userid="b"
    )


@pytest.mark.parametrize("json_form", [False, True], ids=["xml", "json"])
def test_an_event_of_long_ago_is_too_old_whatever_its_request_says(json_form: bool) -> None:
    for age in (3_901, 86_400, NOW - 1):
        wecom = callback()
        refused("too old", wecom, wecom.forge(at(NOW - age), json=json_form), f"the event is {age}")
    assert deaf(max_age=None).read(*callback().forge(at(1))) == at(1)
    assert deaf(max_age=86_400).read(*callback().forge(at(NOW - 90_000))) == at(NOW - 90_000)


@pytest.mark.parametrize("age", [0, 15, 300, 3_900, -300, -86_400])
def test_a_late_push_and_a_clock_that_goes_behind_cost_no_event(age: int) -> None:
    wecom = callback()
    assert wecom.read(*wecom.forge(at(NOW - age))) == at(NOW - age)


@pytest.mark.parametrize("when", ["", "<CreateTime></CreateTime>", "<CreateTime>soon</CreateTime>",
                                  "<CreateTime>0</CreateTime>", "<CreateTime>-5</CreateTime>"])  # fmt: skip
def test_an_event_that_does_not_say_when_is_never_too_old(when: str) -> None:
    wecom = callback()
    event = wecom.read(*sent(wecom, f"<xml><Event>x</Event>{when}</xml>"))
    assert isinstance(event, UnknownEvent)


def test_digits_that_move_between_timestamp_and_nonce_open_no_door() -> None:
    # The signature sorts its parts: with a nonce that looks like a later time, both may be exchanged.
    clock = [float(NOW)]
    for seen, later, reason in (
        (True, 900, "replayed"),
        (True, 3_800, "replayed"),
        (True, 4_000, "too old"),
        (False, 4_000, "too old"),
    ):
        clock[0] = NOW
        memory = MemorySeen(clock=lambda: clock[0]) if seen else None
        wecom = callback(clock=lambda: clock[0], seen=memory)
        query, body = wecom.forge(EVENT, nonce=str(NOW + later))
        wecom.read(query, body)
        clock[0] += later
        moved = {**query, "timestamp": query["nonce"], "nonce": query["timestamp"]}
        refused(reason, wecom, Forged(moved, body))


@pytest.mark.parametrize("stamp", ["", "-1", "1e9", "１２３", "9" * 16, " 1403610520"])
def test_a_timestamp_that_is_no_number(stamp: str) -> None:
    wecom = callback()
    query, body = wecom.forge(EVENT)
    encrypted = module.read_envelope(body)
    query = {**query, "timestamp": stamp}
    query["msg_signature"] = wecom._signature(stamp, query["nonce"], encrypted)
    refused("format", wecom, Forged(query, body), "timestamp")


def test_the_echo_must_be_text() -> None:
    wecom = callback()
    encrypted = wecom._encrypt(b"\xff", CORP)
    with pytest.raises(CallbackRejected, match="the echo is not UTF-8") as caught:
        wecom.verify_url({**wecom._sign(encrypted, None, None), "echostr": encrypted})
    assert caught.value.reason == "format"
    with pytest.raises(CallbackRejected, match="signature"):
        wecom.verify_url(wecom.forge(EVENT).query)


def queries() -> dict[str, Callable[[dict[str, str]], Any]]:
    """Everything that servers and frameworks make of a query string."""
    if not django.configured:
        django.configure()
    return {
        "str": urlencode,
        "bytes": lambda query: urlencode(query).encode(),
        "bytearray": lambda query: bytearray(urlencode(query).encode()),
        "memoryview": lambda query: memoryview(urlencode(query).encode()),
        "dict": dict,
        "bytes dict": lambda query: {name.encode(): value.encode() for name, value in query.items()},
        "parse_qs": lambda query: parse_qs(urlencode(query)),
        "parse_qs of bytes": lambda query: parse_qs(urlencode(query).encode()),
        "tuples": lambda query: {name: (value,) for name, value in query.items()},
        "django": lambda query: QueryDict(urlencode(query)),
        "starlette": lambda query: QueryParams(urlencode(query)),
        "werkzeug": lambda query: MultiDict(query),
        "aiohttp": lambda query: URL.build(query=query).query,
    }  # fmt: skip


@pytest.mark.parametrize("kind", queries())
def test_a_query_of_any_kind_is_taken(kind: str) -> None:
    wecom, make = callback(), queries()[kind]
    query, body = wecom.forge(EVENT)
    assert wecom.read(make(query), body) == EVENT
    assert wecom.verify_url(make(wecom.forge_url("a+b/c="))) == "a+b/c="
    wecom.forget(make(query), EVENT)
    assert wecom.read(make(query), body) == EVENT


@pytest.mark.parametrize("value", [[], None, 5, [None], [[]]])
def test_a_query_without_a_signature_is_refused(value: Any) -> None:
    query, body = callback().forge(EVENT)
    bad: Any = {**query, "msg_signature": value}
    refused("signature", callback(), Forged(bad, body))


def test_an_empty_memory_is_a_memory() -> None:
    class Counting(MemorySeen):
        def __len__(self) -> int:
            return len(self._ends)

    wecom = callback(seen=Counting())
    request = wecom.forge(EVENT)
    wecom.read(*request)
    refused("replayed", wecom, request)


def test_too_many_parameters() -> None:
    with pytest.raises(CallbackRejected, match="format: too many parameters"):
        callback().read("a=1&" * 100, b"")
    query, body = callback().forge(EVENT)
    assert callback().read(urlencode(query) + "&a=" * 47, body) == EVENT
    with pytest.raises(CallbackRejected, match="format: too many parameters"):
        callback().read(urlencode(query) + "&a=" * 48, body)


@pytest.mark.parametrize("more", [0, 1])
def test_a_request_has_its_most_bytes_and_not_one_more(more: int) -> None:
    wecom = callback()
    request, check = wecom.forge(EVENT), wecom.forge_url("echo")
    reading = callback(max_bytes=len(request.body) - more)
    checking = callback(max_bytes=len(check["echostr"]) - more)
    if more:
        refused("too large", reading, request)
        with pytest.raises(CallbackRejected, match="too large"):
            checking.verify_url(check)
    else:
        assert reading.read(*request) == EVENT
        assert checking.verify_url(check) == "echo"


def test_of_a_parameter_that_is_there_twice_the_last_counts() -> None:
    query, body = callback().forge(EVENT)
    twice = {name: ["wrong", value] for name, value in query.items()}
    for form in (twice, urlencode(twice, doseq=True)):
        assert callback().read(form, body) == EVENT


@pytest.mark.parametrize("size", [0, 8, 15, 17, 24])
def test_what_is_not_whole_blocks_is_refused(size: int) -> None:
    wecom = callback()
    encrypted = base64.b64encode(b"x" * size).decode()
    refused("format", wecom, signed(wecom, encrypted), "not a whole number of blocks")


def test_a_request_is_read_once() -> None:
    wecom = callback()
    request = wecom.forge(EVENT)
    assert wecom.read(*request) == EVENT
    refused("replayed", wecom, request, "replayed: this very request was read before")
    # The same delivery under another nonce is another request; `is_new` tells it from a new event.
    again = wecom.read(*wecom.forge(EVENT))
    assert wecom.is_new(EVENT)
    assert not wecom.is_new(again)


def test_replay_protection_is_off_on_request() -> None:
    wecom = callback(seen=None)
    request = wecom.forge(EVENT)
    assert wecom.read(*request) == wecom.read(*request) == EVENT
    assert wecom.is_new(EVENT)
    assert wecom.is_new(EVENT)
    wecom.forget(request.query, EVENT)


def test_decrypt_remembers_nothing() -> None:
    wecom = callback()
    request = wecom.forge(EVENT)
    wecom.decrypt(*request)
    wecom.decrypt(*request)
    wecom.read(*request)


def test_what_could_not_be_taken_may_come_again() -> None:
    wecom = callback()
    request = wecom.forge(EVENT)
    event = wecom.read(*request)
    assert wecom.is_new(event)
    wecom.forget(request.query, event)
    assert wecom.is_new(wecom.read(*request))


def test_a_message_that_cannot_be_read_may_come_again() -> None:
    wecom = callback()
    request = sent(wecom, "<xml/>")
    refused("format", wecom, request)
    refused("format", wecom, request)


def test_requests_are_remembered_as_long_as_they_are_fresh() -> None:
    clock = [float(NOW)]
    wecom = Callback(
        TOKEN, AES_KEY, CORP, clock=lambda: clock[0], seen=MemorySeen(clock=lambda: clock[0])
    )
    request = wecom.forge(EVENT, timestamp=NOW + 300)
    wecom.read(*request)
    for reason in ("replayed", "too old"):
        clock[0] += 599 if reason == "replayed" else 2
        refused(reason, wecom, request)
    forever = callback(max_age=None)
    request = forever.forge(EVENT, timestamp=1)
    forever.read(*request)
    refused("replayed", forever, request)


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("signature", 403),
        ("receiver", 403),
        ("too old", 403),
        ("padding", 400),
        ("format", 400),
        ("too large", 413),
        ("replayed", 200),
    ],
)
def test_each_reason_has_its_status(reason: errors.Reason, status: int) -> None:
    error = CallbackRejected(reason)
    assert (error.status, str(error)) == (status, reason)
    assert str(CallbackRejected(reason, "why")) == f"{reason}: why"


# Properties: whatever comes is refused in one way, or is what was sent.


def outcome(wecom: Callback, query: Any, body: bytes) -> Event | str:
    try:
        return wecom.read(query, body)
    except CallbackRejected as error:
        return error.reason


@pytest.mark.parametrize("json_form", [False, True], ids=["xml", "json"])
def test_any_flipped_bit(json_form: bool) -> None:
    wecom = deaf()
    query, body = wecom.forge(EVENT, json=json_form)
    encrypted = module.read_envelope(body).encode()
    begin = body.index(encrypted)
    for at in range(len(body)):
        for bit in range(8):
            flipped = bytearray(body)
            flipped[at] ^= 1 << bit
            found = outcome(wecom, query, bytes(flipped))
            inside = begin <= at < begin + len(encrypted)
            # What is not signed is not used: a change there is refused or changes nothing.
            assert found in ("signature", "format") or (found == EVENT and not inside), (at, bit)


def test_any_flipped_bit_of_the_markup() -> None:
    # Only the values of ToUserName and AgentID are neither signed nor used.
    wecom = deaf()
    query, body = wecom.forge(EVENT)
    free = range(body.index(CORP.encode()), body.index(CORP.encode()) + len(CORP))
    for at in set(range(len(body))) - set(free):
        for bit in range(8):
            flipped = bytearray(body)
            flipped[at] ^= 1 << bit
            assert outcome(wecom, query, bytes(flipped)) in ("signature", "format"), (at, bit)


@pytest.mark.parametrize("json_form", [False, True], ids=["xml", "json"])
def test_any_flipped_bit_of_the_cipher(json_form: bool) -> None:
    # As if the sender had the token and not the key: a good signature over damaged text.
    wecom = deaf()
    encrypted = module.read_envelope(wecom.forge(EVENT, json=json_form).body)
    for at in range(len(encrypted)):
        for letter in "A+z=":
            damaged = encrypted[:at] + letter + encrypted[at + 1 :]
            assert isinstance(outcome(wecom, *signed(wecom, damaged)), (str, Event))


@pytest.mark.parametrize("json_form", [False, True], ids=["xml", "json"])
def test_any_truncated_body(json_form: bool) -> None:
    wecom = deaf()
    query, body = wecom.forge(EVENT, json=json_form)
    for end in range(len(body)):
        assert outcome(wecom, query, body[:end]) in ("signature", "format"), end


def test_any_change_of_the_query() -> None:
    wecom = deaf()
    query, body = wecom.forge(EVENT)
    for name, value in query.items():
        for at in range(len(value)):
            for bit in range(7):
                letter = chr(ord(value[at]) ^ 1 << bit)
                changed = {**query, name: value[:at] + letter + value[at + 1 :]}
                assert outcome(wecom, changed, body) == "signature"


def mutations(count: int) -> Iterator[tuple[Any, bytes]]:
    """Random requests: noise, damaged requests, and well-signed nonsense."""
    rng = random.Random(92130)
    wecom = deaf()
    forged = [wecom.forge(EVENT), wecom.forge(EVENT, json=True)]
    words = [
        b"<xml>",
        b"</xml>",
        b"<Encrypt>",
        b"</Encrypt>",
        b"<![CDATA[",
        b"]]>",
        b'{"encrypt":"',
        b'"}',
    ]
    for number in range(count):
        query, body = forged[number % 2]
        kind = number % 6
        if kind == 0:
            yield query, rng.randbytes(rng.randrange(200))
        elif kind == 1:
            at, size = rng.randrange(len(body)), rng.randrange(1, 9)
            yield query, body[:at] + rng.randbytes(rng.randrange(9)) + body[at + size :]
        elif kind == 2:
            yield query, b"".join(rng.choices(words, k=rng.randrange(12)))
        elif kind == 3:
            noise = seal(wecom, rng.randbytes(16 * rng.randrange(1, 8)))
            yield signed(wecom, noise)
        elif kind == 4:
            yield sent(wecom, rng.randbytes(9), rng.choice([CORP, CORP[1:], "", "x" * 40]))
        else:
            message = bytearray(b"<xml><Event>x</Event><A><B>1</B></A></xml>")
            for _ in range(rng.randrange(1, 6)):
                message[rng.randrange(len(message))] = rng.choice(b"<>/&;![]\x00\xff{}x ")
            yield sent(wecom, bytes(message))


def test_a_hundred_thousand_random_requests() -> None:
    # Five seconds on an ordinary machine.
    wecom, found = deaf(), dict.fromkeys(get_args(errors.Reason), 0)
    begun = time.perf_counter()
    for query, body in mutations(100_000):
        result = outcome(wecom, query, body)
        if isinstance(result, str):
            found[result] += 1
        else:
            # Signed by the owner of the token, or damaged where nothing is signed.
            assert result == EVENT or isinstance(result, UnknownEvent)
    assert time.perf_counter() - begun < 40
    assert {reason for reason, times in found.items() if times} == {
        "signature", "receiver", "padding", "format",
    }  # fmt: skip


# What was seen.


def check_seen(seen: Seen) -> None:
    assert seen.add("a", 60)
    assert not seen.add("a", 60)
    assert seen.add("b", 60)
    seen.discard("a")
    seen.discard("never")
    assert seen.add("a", 60)
    assert not seen.add("b", 60)


@pytest.mark.parametrize(
    ("path", "make"),
    [
        ("MemorySeen.limit", lambda: MemorySeen(limit=0)),
        ("MemorySeen.limit", lambda: MemorySeen(limit=True)),
        ("MemorySeen.limit", lambda: MemorySeen(limit="9")),
        ("RedisSeen.pause", lambda: RedisSeen(Redis(), pause=-1)),
        ("RedisSeen.pause", lambda: RedisSeen(Redis(), pause=True)),
        ("RedisSeen.pause", lambda: RedisSeen(Redis(), pause=None)),
        ("RedisSeen.pause", lambda: RedisSeen(Redis(), pause=math.nan)),
    ],
)
def test_a_memory_refuses_what_it_cannot_work_with(path: str, make: Any) -> None:
    with pytest.raises(RefusedArgument) as caught:
        make()
    assert caught.value.path == path


def test_a_pause_may_be_a_part_of_a_second() -> None:
    for pause in (0, 0.5, 3):
        RedisSeen(Redis(), pause=pause)


def test_a_key_is_new_to_memory_once() -> None:
    check_seen(MemorySeen())


def test_memory_forgets_what_is_over_and_the_oldest() -> None:
    now = [0.0]
    seen = MemorySeen(limit=3, clock=lambda: now[0])
    assert seen.add("a", 10)
    now[0] = 9
    assert not seen.add("a", 10)
    now[0] = 10
    assert seen.add("a", 10)
    for key in "bcd":
        assert seen.add(key, 10)
    # The limit is three, so the oldest had to go.
    assert seen.add("a", 10)
    assert not seen.add("d", 10)
    for number in range(1_000):
        now[0] += 1
        seen.add(str(number), 2)
    assert len(seen._ends) <= 3
    one = MemorySeen(limit=1)
    assert [one.add(key, 10) for key in "aaba"] == [True, False, True, True]


def test_a_key_that_comes_again_when_it_was_over_is_as_young_as_any() -> None:
    now = [0.0]
    seen = MemorySeen(limit=2, clock=lambda: now[0])
    seen.add("a", 10)
    seen.add("b", 100)
    now[0] = 10
    assert seen.add("a", 100)
    assert seen.add("c", 100)
    assert not seen.add("a", 100)


def test_memory_holds_a_hundred_thousand_keys() -> None:
    seen = MemorySeen()
    for number in range(100_000):
        seen.add(str(number), 60)
    assert seen.has("0")
    seen.add("one more", 60)
    assert not seen.has("0")
    assert seen.has("1")


def test_memory_that_was_full_of_what_is_over_shrinks_again() -> None:
    now = [0.0]
    seen = MemorySeen(clock=lambda: now[0])
    for number in range(100):
        seen.add(str(number), 10)
    now[0] = 10
    for number in range(100, 150):
        seen.add(str(number), 10)
    assert len(seen._ends) == 50


@pytest.fixture(scope="module")
def redis_port() -> Iterator[int]:
    with redis_server() as port:
        yield port


def test_a_key_is_new_to_redis_once(redis_port: int) -> None:
    with Redis(port=redis_port) as redis:
        check_seen(RedisSeen(redis, prefix="test:"))
        check_seen(RedisSeen(f"redis://localhost:{redis_port}", prefix="url:"))
        assert 50_000 < redis.pttl("test:a") <= 60_000


def test_redis_is_shared(redis_port: int) -> None:
    with Redis(port=redis_port) as one, Redis(port=redis_port) as two:
        first, second = callback(seen=RedisSeen(one)), callback(seen=RedisSeen(two))
        request = first.forge(EVENT)
        assert first.is_new(first.read(*request))
        refused("replayed", second, request)
        assert not second.is_new(EVENT)
        second.forget(request.query, EVENT)
        assert second.is_new(second.read(*request))


def impatient(port: int) -> Redis:
    return Redis(port=port, retry=Retry(NoBackoff(), 0))


def test_a_broken_redis_is_replaced_by_memory() -> None:
    with impatient(free_port()) as nowhere:
        seen = RedisSeen(nowhere)
        with pytest.warns(RuntimeWarning, match="Redis is out of reach") as caught:
            assert seen.add("a", 60)
        assert caught[0].filename == __file__, "it shows who asked"
        assert not seen.add("a", 60)
        seen.discard("a")
        assert seen.add("a", 60)


def test_a_redis_that_comes_back() -> None:
    port, now = free_port(), [0.0]
    with impatient(port) as redis:
        seen = RedisSeen(redis, clock=lambda: now[0])
        with pytest.warns(RuntimeWarning, match="Redis is out of reach"):
            assert seen.add("a", 60)
        now[0] = 31
        # The warning comes once.
        assert seen.add("b", 60)
        with redis_server(port):
            # Left alone for half a minute, then asked again.
            now[0] = 60
            assert seen.add("c", 60)
            assert redis.exists("wecom:seen:c") == 0
            now[0] = 61
            assert seen.add("d", 60)
            assert redis.exists("wecom:seen:d") == 1
            assert not seen.add("a", 60)


# What is loaded.


def test_it_says_which_extra_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    load = builtins.__import__

    def without(name: str, *arguments: Any) -> Any:
        if name.startswith("cryptography"):
            raise ImportError(name)
        return load(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"pip install 'wecom-contact\[callback\]'"):
        Callback(TOKEN, AES_KEY, CORP)


def test_events_load_no_cryptography() -> None:
    code = (
        "import sys, wecom_contact.events, wecom_contact.callback\n"
        "assert not {'cryptography', 'redis', 'asyncio', 'xml.etree.ElementTree'} & set(sys.modules)"
    )
    env = {"PYTHONPATH": ":".join(sys.path)}
    subprocess.run([sys.executable, "-c", code], check=True, env=env)


def test_an_empty_token_is_refused() -> None:
    with pytest.raises(ValueError, match="token: is empty"):
        Callback("", "a" * 43, ["ww1"])
