"""Callbacks: is the URL right, what is in a request, and requests like WeCom's to try it.

Hand-written: edit codegen/surfaces/cli/_callback.py.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import click
import urllib3
from urllib3.exceptions import HTTPError

from .. import codec, events
from ._answers import ask, why_silent, why_status, why_wrong
from ._failures import USAGE, Failure
from ._output import compact, shown
from ._session import Session, did_you_mean, say, take
from ._words import read_data, seconds

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

    from ..callback import Callback
    from ..reference import Field
    from ._doctor import Check
    from ._profiles import Account

SLOW = 1.0
"""Seconds after which WeCom does not wait for a URL that is being saved."""
PUSH_SLOW = 5.0
"""Seconds after which WeCom pushes again."""
QUOTED = 80
"""Characters of a wrong answer that are shown."""


@click.group()
def callback() -> None:
    """Check, forge, decrypt, serve and replay callbacks.

    Token and EncodingAESKey are those of the profile, or WECOM_CALLBACK_TOKEN and WECOM_CALLBACK_AES_KEY.
    """


def reader(who: "Account", *, fresh: bool = True) -> "Callback":
    """The callback of an account. `fresh` refuses old and repeated requests, as an application does."""
    from ..callback import Callback

    if who.callback_token is None or who.callback_aes_key is None:
        words = say(
            "{origin}: Token and EncodingAESKey of the callback are missing", origin=who.origin
        )
        hint = say(
            "set WECOM_CALLBACK_TOKEN and WECOM_CALLBACK_AES_KEY, or add them to the profile"
        )
        raise Failure(words, hint, USAGE)
    token, key = who.callback_token.reveal(), who.callback_aes_key.reveal()
    if fresh:
        return Callback(token, key, who.corp_id)
    return Callback(token, key, who.corp_id, max_age=None, seen=None)


@callback.command()
@click.argument("url")
@take
def check(session: Session, url: str) -> int:
    """Ask URL what WeCom's console asks when it is saved, and say why that would fail."""
    from ._doctor import draw

    outcome = ask_url(session.account(), url)
    draw(outcome)
    return 0 if outcome.status in ("ok", "warn") else 1


def ask_url(who: "Account", url: str) -> "Check":
    """What comes of saving a URL in the console."""
    from ._doctor import Check

    name = "callback url"
    echo = "1616140317555161061"  # a number of WeCom's length
    query = reader(who).forge_url(echo)
    begun = time.monotonic()
    try:
        answer = ask("GET", url, query, timeout=PUSH_SLOW)
    except HTTPError as error:
        what, hint = why_silent(error)
        return Check(name, "fail", f"{url}: {what}", hint)
    seconds = time.monotonic() - begun
    body = answer.data.decode("utf-8", "replace")
    if answer.status != 200:
        return Check(name, "fail", status_line(answer), why_status(answer, "GET"))
    if body != echo:
        words = say("it answers {body}", body=repr(body[:QUOTED]))
        return Check(name, "fail", words, why_wrong(body, echo, query))
    if seconds > SLOW:
        hint = say("WeCom waits for a second when the URL is saved.")
        return Check(name, "warn", say("right, after {seconds} s", seconds=f"{seconds:.1f}"), hint)
    return Check(name, "ok", say("right, after {ms} ms", ms=f"{seconds * 1000:.0f}"))


def status_line(answer: urllib3.BaseHTTPResponse) -> str:
    """The status of an answer, and how its body begins."""
    body = shown(answer.data.decode("utf-8", "replace")[:QUOTED]).strip()
    words = say("HTTP status {status}", status=answer.status)
    return f"{words}: {body}" if body else words


@callback.command()
@click.argument("query")
@click.argument("body", type=click.File("rb"), default="-")
@take
def decrypt(session: Session, query: str, body: Any) -> None:
    """Decrypt a captured request: QUERY is its URL or query string, BODY a file (standard input by default).

    Its signature is checked; its age is not.
    """
    given = urlsplit(query).query or query
    message = reader(session.account(), fresh=False).decrypt(given, body.read())
    click.echo(message.content.decode("utf-8", "replace"))


@callback.command()
@click.argument("event")
@click.argument("url")
@click.option("--data", metavar="JSON", default="{}", help="Fields of the event: JSON, @file or -.")
@click.option("--time", "when", metavar="TIME", help="When it happened; now, unless said.")
@take
def forge(session: Session, event: str, url: str, data: str, when: str | None) -> int:
    """Push EVENT, such as CustomerAdded, to URL as WeCom would.

    Fields that must be there and are not given are invented.
    """
    fields = read_data(data, "--data")
    if not isinstance(fields, dict):
        raise click.BadParameter(say("is not a JSON object"), param_hint="--data")
    who = session.account()
    try:
        then = int(time.time()) if when is None else seconds(when)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--time") from None
    return push(who, url, made(event, fields, who.corp_id, then))


def made(name: str, fields: Mapping[str, Any], corp_id: str, when: int) -> "events.Event":
    """An event of a class, out of its fields by the names in Python."""
    from .. import reference

    try:
        known = reference.event(name)
    except reference.UnknownName as error:
        words = say("there is no event {name}", name=repr(name))
        raise Failure(words, did_you_mean(error.close), USAGE) from None
    names = {field.name: field.wire for field in known.fields}
    if unknown := sorted(fields.keys() - names):
        words = say("{event}: has no field {names}", event=name, names=", ".join(unknown))
        raise Failure(words, say("it has: {names}", names=", ".join(names)), USAGE)
    wanted = {field.name: invented(field) for field in known.fields if not field.optional}
    data = {names[key]: value for key, value in {**wanted, **fields}.items()}
    return rebuilt(name, data, corp_id, when)


def rebuilt(name: str, data: Mapping[str, Any], corp_id: str, when: int) -> "events.Event":
    """An event of a class, out of what WeCom sends."""
    cls: type[events.Event] = getattr(events, name)
    event = codec.structure({**data, "CreateTime": when, "ToUserName": corp_id}, cls)
    event.receiver = corp_id
    return event


def invented(field: "Field") -> Any:
    """Something of a field's type, for one that must be there."""
    made = {"int": 1, "timestamp": int(time.time())}.get(field.kind, "forged")
    return [made] if field.many else made


def push(who: "Account", url: str, event: "events.Event") -> int:
    """Send an event to a URL, and say what came of it."""
    query, body = reader(who).forge(event)
    begun = time.monotonic()
    headers = {"content-type": "text/xml"}
    try:
        answer = ask("POST", url, query, body=body, headers=headers, timeout=PUSH_SLOW)
    except HTTPError as error:
        what, hint = why_silent(error)
        raise Failure(f"{url}: {what}", hint) from None
    ms = f"{(time.monotonic() - begun) * 1000:.0f}"
    words = say("{answer}, after {ms} ms", answer=status_line(answer), ms=ms)
    click.echo(f"{type(event).__name__}: {words}")
    if answer.status == 200:
        return 0
    click.echo(f"    {why_status(answer, 'POST')}")
    return 1


@callback.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=8080, show_default=True, help="0 for any free one.")
@click.option("--path", default="/", show_default=True, help="The path that is answered.")
@click.option(
    "--save", type=click.Path(dir_okay=False), help="Append the events to a file, for `replay`."
)
@take
def serve(session: Session, host: str, port: int, path: str, save: str | None) -> None:
    """Answer WeCom's requests, and print each event as a line."""
    file = open(save, "a", encoding="utf-8") if save else None  # noqa: SIM115  (closed below)
    with file or nullcontext(), listening(session.account(), host, port, path, file) as server:
        click.echo(f"http://{host}:{server.server_port}{path}", err=True)
        server.serve_forever()


class Server(ThreadingMixIn, WSGIServer):
    """A request waits for no other."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Logs nothing: a query holds a signature."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def listening(
    who: "Account", host: str, port: int, path: str, file: TextIO | None
) -> Iterator[WSGIServer]:
    """A server that prints what is pushed to it, and writes it down."""
    from ..callback import wsgi

    def handle(event: "events.Event") -> None:
        click.echo(shown(repr(event)))
        if file is not None:
            file.write(compact(recorded(event)) + "\n")
            file.flush()

    app = wsgi(reader(who), handle, workers=1)  # so that lines do not mix

    def answer(environ: "WSGIEnvironment", start: "StartResponse") -> Any:
        if environ["PATH_INFO"] != path:
            start("404 Not Found", [("Content-Type", "text/plain")])
            return [b""]
        return app(environ, start)

    with make_server(host, port, answer, Server, Quiet) as server:
        try:
            yield server
        finally:
            app.close()


def recorded(event: "events.Event") -> dict[str, Any]:
    """An event as a line of a file: its class, and what WeCom sent."""
    return {"event": type(event).__name__, "data": codec.unstructure(event)}


@callback.command()
@click.argument("file", type=click.File("r", encoding="utf-8"))
@click.argument("url")
@take
def replay(session: Session, file: TextIO, url: str) -> int:
    """Push the events of FILE, which `serve --save` wrote, to URL again, as if they happened now."""
    who = session.account()
    worst = 0
    for number, line in enumerate(file, 1):
        try:
            said = json.loads(line)
            event = rebuilt(said["event"], said["data"], who.corp_id, int(time.time()))
        except (ValueError, KeyError, TypeError, AttributeError):
            words = say("is not an event of `serve --save`")
            raise Failure(f"{file.name}:{number}: {words}", status=USAGE) from None
        worst = max(worst, push(who, url, event))
    return worst
