"""What an answer of a callback URL tells about what is wrong there, and what to do.

Hand-written: edit codegen/surfaces/cli/_answers.py.
"""

import ssl
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationValueError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util import parse_url

from ._session import say

Method = Literal["GET", "POST"]
"""GET where the URL is saved, POST for an event."""


def ask(
    method: Method, url: str, query: Mapping[str, str], **options: Any
) -> urllib3.BaseHTTPResponse:
    """Send a request as WeCom does: once, and following nobody."""
    if parse_url(url).scheme not in ("http", "https"):
        raise LocationValueError(url)
    return urllib3.request(method, joined(url, query), retries=False, redirect=False, **options)


def joined(url: str, query: Mapping[str, str]) -> str:
    """A URL with more parameters; what it has stays."""
    return f"{url}{'&' if parse_url(url).query else '?'}{urlencode(query)}"


def why_wrong(body: str, echo: str, query: Mapping[str, str]) -> str:
    """What is wrong with the body of an answer that has the right status."""
    if body.strip().strip("\"'\ufeff") == echo:
        return say(
            "The decrypted echostr stands alone: no quotes, no line break, no mark at the beginning."
        )
    if query["echostr"] in body:
        return say(
            "That is the encrypted echostr; the decrypted one is wanted: "
            "`Callback.verify_url(query)`."
        )
    if "<html" in body.lower():
        return say(
            "That is a page of a web site: its login, or what it answers for every path. Let this "
            "path through to the application."
        )
    if '"errcode"' in body:
        return say(
            "That is WeCom or its simulator, which push callbacks and take none: give the address "
            "of your application."
        )
    return say("Answer a GET with what `Callback.verify_url(query)` returns, as plain text.")


def why_status(answer: urllib3.BaseHTTPResponse, method: Method) -> str:
    """What to do about a status that is not 200."""
    body = answer.data.decode("utf-8", "replace").strip()
    # The apps that `callback.asgi` and `callback.wsgi` make say why in a word.
    return reasons().get((answer.status, body)) or statuses(answer, method)


def reasons() -> Mapping[tuple[int, str], str]:
    """What the SDK's own apps answer."""
    key = say("The application has another EncodingAESKey: copy it again from the page 接收消息.")
    return {
        (403, "signature"): say(
            "The application has another Token: copy it again from the page 接收消息."
        ),
        (403, "receiver"): say(
            "The application takes messages for another id: its `receive_ids` must have this "
            "corp id, or the id of the suite."
        ),
        (403, "too old"): say(
            "The clocks here and there differ by more than five minutes: set both by NTP."
        ),
        (400, "padding"): key,
        (400, "format"): key,
        (413, "too large"): say("The application's `max_bytes` is too small."),
        (503, "closed"): say("The application is ending: try again when it has started anew."),
        (503, "busy"): say(
            "The application has a full queue: more `workers`, or quicker handlers."
        ),
    }


def statuses(answer: urllib3.BaseHTTPResponse, method: Method) -> str:
    """What a status says of whatever answered."""
    status = answer.status
    if 300 <= status < 400:
        return say(
            "WeCom follows no redirect: give the address that this leads to, {url}. Often it is "
            "the slash at the end, or https in the place of http.",
            url=answer.headers.get("Location", "").partition("?")[0] or "?",
        )
    if status in (401, 403, 407):
        return say(
            "A login, a gateway or a firewall before the application refuses: let this path "
            "through without any. If the application itself says so, its Token, key or corp id "
            "is another."
        )
    if status in (404, 410):
        return say(
            "Nobody serves this path: is it whole, with the prefix under which the application "
            "is mounted, and with or without a slash at its end as there?"
        )
    if status == 405:
        if method == "POST":
            return say("The application takes no POST there, by which WeCom pushes events.")
        return say("The application takes no GET there, by which WeCom asks when a URL is saved.")
    if status in (502, 503, 504):
        return say(
            "A gateway answers, and the application behind it does not: is it running, and does "
            "the gateway know where?"
        )
    if status >= 500:
        return say("The application failed: its log says why.")
    if status >= 400:
        return say(
            "The application does not take the request: does it read `msg_signature`, "
            "`timestamp` and `nonce` from the query, as they come?"
        )
    return say("WeCom wants the status 200.")


def why_silent(error: HTTPError) -> tuple[str, str]:
    """Why there was no answer, in a few words, and what to do."""
    addresses = say(
        "Let WeCom's addresses through: `wecom-contact call server.callback_ips` lists them."
    )
    match error:
        case LocationValueError():
            return say("is not a URL"), say("It is one such as https://example.com/wecom.")
        case NameResolutionError():
            return say("the host has no address"), say("Is its name right, and in the DNS?")
        case NewConnectionError():
            return (
                say("nobody listens there"),
                say("Is the application running, and is this its port?"),
            )
        case ConnectTimeoutError():
            return say("no connection in time"), addresses
        case ReadTimeoutError():
            return (
                say("no answer in time"),
                say("Answer first and work afterwards, as `callback.asgi` and `callback.wsgi` do."),
            )
        case SSLError() if is_untrusted(error):
            return (
                say("the certificate is not trusted: {fault}", fault=error),
                say(
                    "WeCom wants a certificate of a known authority, for this very host, with the "
                    "whole chain, that has not ended."
                ),
            )
        case SSLError():
            return say("no TLS there: {fault}", fault=error), say("Is it http, or another port?")
        case _:
            return (
                say("the connection broke: {fault}", fault=error),
                say(
                    "Is it an HTTP server, and does it want https? {addresses}", addresses=addresses
                ),
            )


def is_untrusted(error: SSLError) -> bool:
    """Whether it is the certificate that is wrong."""
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in error.args)
