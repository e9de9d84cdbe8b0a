"""`callback`: a URL asked as WeCom asks it, requests opened and forged, events served and replayed."""

import json
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIServer

import pytest
from serving import Hang, Reply, Request, serving
from wecom_contact import events, reference
from wecom_contact.callback import Callback
from wecom_contact.cli._callback import listening, made
from wecom_contact.cli._session import Session

from .conftest import AES_KEY, TOKEN, Command

CORP_ID = "ww5e1f0a2b3c4d5e6f"


@pytest.fixture
def callback(command: Command, monkeypatch: pytest.MonkeyPatch) -> Callback:
    """The application's side, with the keys that the environment tells the command."""
    monkeypatch.setenv("WECOM_CORP_ID", CORP_ID)
    monkeypatch.setenv("WECOM_SECRET", "secret")
    monkeypatch.setenv("WECOM_CALLBACK_TOKEN", TOKEN)
    monkeypatch.setenv("WECOM_CALLBACK_AES_KEY", AES_KEY)
    return Callback(TOKEN, AES_KEY, CORP_ID)


class Application:
    """A web application that answers callbacks, rightly unless told otherwise."""

    def __init__(self, callback: Callback) -> None:
        self.callback = callback
        self.events: list[events.Event] = []
        self.answer = lambda request: Reply(self.callback.verify_url(request.query))
        self.pushed: Any = Reply("success")

    def __call__(self, request: Request) -> Any:
        query = {key: value for key, value in request.query.items() if key != "app"}
        if request.method == "GET":
            return self.answer(Request("GET", request.path, query, {}, b""))
        self.events.append(self.callback.read(query, request.body))
        return self.pushed


@pytest.fixture
def application(callback: Callback) -> Application:
    return Application(callback)


@pytest.fixture
def url(application: Application) -> Iterator[str]:
    with serving(application) as server:
        yield f"{server.url}/wecom?app=1"


def test_a_url_that_answers_rightly_is_right(command: Command, url: str) -> None:
    done = command("callback", "check", url)
    assert done.status == 0
    assert "✓ callback url: right" in done.out


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            lambda app, request: Reply(f'"{app.callback.verify_url(request.query)}"\n'),
            ["no quotes, no line break"],
        ),
        (lambda app, request: Reply(request.query["echostr"]), ["the encrypted echostr"]),
        (lambda app, request: Reply("ok"), ["answers 'ok'", "Callback.verify_url"]),
    ],
)
def test_a_url_that_is_wrong_says_why(
    answer: Any, words: list[str], command: Command, url: str, application: Application
) -> None:
    application.answer = lambda request: answer(application, request)
    done = command("callback", "check", url)
    assert done.status == 1
    for word in words:
        assert word in done.out


def test_a_slow_url_is_told(
    command: Command, url: str, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wecom_contact.cli._callback.SLOW", 0.0)
    assert "WeCom waits for a second" in command("callback", "check", url).out
    right = application.answer
    application.answer = lambda request: Hang(1, right(request))
    monkeypatch.setattr("wecom_contact.cli._callback.PUSH_SLOW", 0.1)
    assert "no answer in time" in command("callback", "check", url).out


def test_nobody_at_the_url_is_told(command: Command, callback: Callback) -> None:
    done = command("callback", "check", "http://127.0.0.1:1/")
    assert done.status == 1
    assert "Is the application running" in done.out
    done = command("callback", "forge", "CustomerAdded", "http://127.0.0.1:1/")
    assert done.status == 1


def test_without_keys_it_says_what_to_set(
    command: Command, callback: Callback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WECOM_CALLBACK_TOKEN")
    done = command("callback", "check", "http://127.0.0.1:1/")
    assert done.status == 2
    assert "WECOM_CALLBACK_TOKEN" in done.err


def test_a_captured_request_is_opened_whatever_its_age(
    command: Command, callback: Callback, tmp_path: Path
) -> None:
    query, body = callback.forge(
        made("CustomerAdded", {"state": "渠道"}, CORP_ID, 1700000000), timestamp=1700000000
    )
    file = tmp_path / "body.xml"
    file.write_bytes(body)
    text = "&".join(f"{key}={value}" for key, value in query.items())
    for words in (text, f"https://example.com/wecom?{text}"):
        assert (
            "<State><![CDATA[渠道]]></State>"
            in command("callback", "decrypt", words, str(file)).out
        )
    done = command("callback", "decrypt", text.replace("nonce=", "nonce=1"), str(file))
    assert done.status == 12
    assert "signature" in done.err


@pytest.mark.parametrize("name", [event.name for event in reference.events()])
def test_every_event_can_be_forged(
    name: str, command: Command, url: str, application: Application
) -> None:
    done = command("callback", "forge", name, url)
    assert done.status == 0
    assert done.out.startswith(f"{name}: HTTP status 200")
    (event,) = application.events
    assert type(event).__name__ == name
    assert not event.extra
    assert abs(event.time.timestamp() - time.time()) < 60


def test_an_event_is_forged_with_the_fields_given(
    command: Command, url: str, application: Application
) -> None:
    fields = '{"userid": "lisi", "welcome_code": "CODE"}'
    when = "2026-11-25 10:00"
    application.callback.max_age = None
    words = ["callback", "forge", "CustomerAdded", url, "--data", fields, "--time", when]
    assert command(*words).status == 0
    (event,) = application.events
    assert isinstance(event, events.CustomerAdded)
    assert (event.userid, event.welcome_code) == ("lisi", "CODE")
    assert event.time.isoformat() == "2026-11-25T10:00:00+08:00"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["CustomerAded"], "Did you mean CustomerAdded"),
        (["CustomerAdded", "--data", '{"user": 1}'], "CustomerAdded: has no field user"),
        (["CustomerAdded", "--data", "[]"], "--data: is not a JSON object"),
        (["CustomerAdded", "--time", "now"], "--time: 'now' is not a time"),
    ],
)
def test_an_event_that_is_none_is_refused(
    words: list[str], message: str, command: Command, url: str, application: Application
) -> None:
    done = command("callback", "forge", words[0], url, *words[1:])
    assert done.status == 2
    assert message in done.err
    assert not application.events


def test_an_application_that_fails_fails_the_command(
    command: Command, url: str, application: Application
) -> None:
    application.pushed = Reply("boom", 500)
    done = command("callback", "forge", "CustomerAdded", url)
    assert done.status == 1
    assert "HTTP status 500" in done.out


def test_events_are_served_saved_and_replayed(
    command: Command,
    callback: Callback,
    url: str,
    application: Application,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    saved = tmp_path / "events.jsonl"
    who = Session().account()
    with saved.open("a", encoding="utf-8") as file:
        with listening(who, "127.0.0.1", 0, "/wecom", file) as server:
            thread = threading.Thread(target=server.serve_forever, args=[0.01])
            thread.start()
            served = f"http://127.0.0.1:{server.server_port}/wecom"
            fields = '{"userid": "lisi", "welcome_code": "CODE"}'
            checked = command("callback", "check", served)
            elsewhere = command("callback", "check", served.replace("/wecom", "/other"))
            forged = command("callback", "forge", "CustomerAdded", served, "--data", fields)
            server.shutdown()
            thread.join()
    printed = forged.out + capsys.readouterr().out
    assert (checked.status, forged.status, elsewhere.status) == (0, 0, 1)
    assert "CustomerAdded(" in printed
    assert "lisi" in printed
    assert "CODE" not in printed, "a welcome code gives power"
    assert json.loads(saved.read_text("utf-8"))["event"] == "CustomerAdded"
    assert command("callback", "replay", str(saved), url).status == 0
    (event,) = application.events
    assert isinstance(event, events.CustomerAdded)
    assert (event.userid, event.welcome_code) == ("lisi", "CODE")


def test_a_file_that_holds_no_events_is_not_replayed(
    command: Command, url: str, application: Application, tmp_path: Path
) -> None:
    saved = tmp_path / "events.jsonl"
    for line in ('{"event": "CustomerAdded"}', "no", '{"event": "X", "data": {}}', "[]"):
        saved.write_text(f"{line}\n", "utf-8")
        done = command("callback", "replay", str(saved), url)
        assert done.status == 2
        assert "events.jsonl:1: is not an event" in done.err


def test_serving_ends_quietly_when_a_person_ends_it(
    command: Command, callback: Callback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(self: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(WSGIServer, "serve_forever", interrupted)
    done = command("callback", "serve", "--port", "0", "--save", str(tmp_path / "events.jsonl"))
    assert done.status == 130
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\n\n", done.err)
    assert command("callback", "serve", "--port", "0").status == 130


def test_events_need_not_be_saved(
    command: Command, callback: Callback, capsys: pytest.CaptureFixture[str]
) -> None:
    with listening(Session().account(), "127.0.0.1", 0, "/", None) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        forged = command(
            "callback", "forge", "TagCreated", f"http://127.0.0.1:{server.server_port}/"
        )
        server.shutdown()
        thread.join()
    assert "TagCreated(" in forged.out + capsys.readouterr().out
