"""What is wrong with a set-up: one check after another, each with what to do about it.

Hand-written: edit codegen/surfaces/cli/_doctor.py.
"""

import json
import os
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import click
import urllib3
from attrs import asdict, frozen

from ..errors import (
    APIError,
    Busy,
    Forbidden,
    InvalidCredential,
    RateLimited,
    RefusedArgument,
    StaleToken,
    WeComError,
)
from ._failures import Failure
from ._session import Session, say, take

if TYPE_CHECKING:
    from .. import Client
    from ..reference import Call
    from ._profiles import Account

Status = Literal["ok", "warn", "fail", "skip"]

WECOM = "https://qyapi.weixin.qq.com"
CONSOLE = "https://work.weixin.qq.com/wework_admin/frame#apps"
CORP_ID = re.compile(r"w[wpx][0-9A-Za-z_-]{16,}")
SECRET = re.compile(r"[0-9A-Za-z_-]{43}")
PROXY_VARIABLES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
SKEW = 60.0
"""Seconds by which this clock may be wrong before anything minds: callbacks older than 300 are refused."""
EXPIRES_SOON = 14 * 86_400
TRUSTED_IP = "trusted ip"
NOT_TRUSTED = 60020
NOT_CALLABLE = 48002
OUT_OF_RANGE = 60011
ICONS = {
    "ok": ("✓", "green"),
    "warn": ("!", "yellow"),
    "fail": ("✗", "red"),
    "skip": ("-", "bright_black"),
}


@frozen
class Check:
    """What came of one check."""

    name: str
    status: Status
    message: str
    hint: str = ""


@click.command()
@click.option("--offline", is_flag=True, help="Only look at what is here; ask nobody.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print {ok, checks: [{name, status, message, hint}]}."
)
@click.option("--callback-url", metavar="URL", help="Ask this URL as WeCom does when it is saved.")
@take
def doctor(session: Session, offline: bool, as_json: bool, callback_url: str | None) -> int:
    """Check who is calling, the way to WeCom, the clock, the token, the trusted IP and the permissions.

    The exit status is 0 if nothing failed; warnings do no harm.
    """
    session.as_json = as_json
    checks: list[Check] = []
    for check in examine(session, offline, callback_url):
        checks.append(check)
        if not as_json:
            draw(check)
    ok = all(check.status != "fail" for check in checks)
    if as_json:
        facts = {"ok": ok, "checks": [asdict(check) for check in checks]}
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
    return 0 if ok else 1


def draw(check: Check) -> None:
    """A check in a line, and what to do in a second one."""
    icon, colour = ICONS[check.status]
    name = names().get(check.name, check.name)
    click.echo(f"{click.style(icon, fg=colour)} {name}: {check.message}")
    if check.hint:
        click.echo(f"    {check.hint}")


def names() -> Mapping[str, str]:
    """What people read in the place of a check's name; resources keep theirs."""
    return {
        "account": say("account"),
        "corp id": say("corp id"),
        "secret": say("secret"),
        "callback key": say("callback key"),
        "network": say("network"),
        "proxy": say("proxy"),
        "dns": say("dns"),
        "connection": say("connection"),
        "tls": say("tls"),
        "clock": say("clock"),
        "token": say("token"),
        TRUSTED_IP: say("trusted ip"),
        "wecom": say("wecom"),
        "callback url": say("callback url"),
    }


def examine(session: Session, offline: bool, callback_url: str | None) -> Iterator[Check]:
    """All checks, in an order in which each stands on the ones before."""
    try:
        who = session.account()
    except Failure as error:
        yield Check("account", "fail", error.message, error.hint)
        return
    yield from shapes(who)
    yield from callback_shapes(who)
    if offline:
        yield Check("network", "skip", say("not asked (--offline)"))
        return
    url = who.base_url or WECOM
    yield from way(url, who)
    with session.client() as client:
        yield from permissions(session, client)
    if callback_url is not None:
        from ._callback import ask_url

        try:
            yield ask_url(who, callback_url)
        except Failure as error:  # its keys are missing
            yield Check("callback url", "fail", error.message, error.hint)


def shapes(who: "Account") -> Iterator[Check]:
    """Whether corp id and secret look like one."""
    words = say("{corp_id}, from {origin}", corp_id=who.corp_id, origin=who.origin)
    yield Check("account", "ok", words)
    if not CORP_ID.fullmatch(who.corp_id):
        words = say("{value} does not look like one", value=repr(who.corp_id))
        hint = say("It is on the page 我的企业 of the console, and begins with ww.")
        yield Check("corp id", "warn", words, hint)
    if not SECRET.fullmatch(who.secret.reveal()):
        hint = say(
            "A secret has 43 letters, digits, - and _; copy it again from the page of the app."
        )
        yield Check("secret", "warn", say("it does not look like one"), hint)


def callback_shapes(who: "Account") -> Iterator[Check]:
    """Whether the key and the token of the callback can be right."""
    if who.callback_token is None and who.callback_aes_key is None:
        return
    if who.callback_token is None or who.callback_aes_key is None:
        missing = "callback_token" if who.callback_token is None else "callback_aes_key"
        words = say("{key} is missing", key=missing)
        yield Check("callback key", "fail", words, say("A callback needs both."))
        return
    from ..callback import Callback

    try:
        Callback(who.callback_token.reveal(), who.callback_aes_key.reveal(), who.corp_id)
    except RefusedArgument as error:
        hint = say("Token and EncodingAESKey (43 characters) are on the page 接收消息 of the app.")
        yield Check("callback key", "fail", str(error), hint)
    else:
        yield Check("callback key", "ok", say("token and key have the right shape"))


def way(url: str, who: "Account") -> Iterator[Check]:
    """Whether WeCom can be reached from here, and whether the two clocks agree."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    ignored = next((name for name in PROXY_VARIABLES if os.environ.get(name)), None)
    if ignored is not None and who.proxy is None:
        hint = say("The SDK takes a proxy from the profile (`proxy`) or `Client(proxy=…)` only.")
        words = say("{variable} is set, and not used", variable=ignored)
        yield Check("proxy", "warn", words, hint)
    if who.proxy is None:
        yield from name_and_certificate(host, port, parts.scheme == "https")
    else:
        yield Check("proxy", "ok", say("calls go through the proxy of the profile"))
    yield clock(url, who)


def name_and_certificate(host: str, port: int, tls: bool) -> Iterator[Check]:
    """Whether the host has an address, answers, and shows a certificate that we trust."""
    try:
        addresses = {
            str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        }
    except OSError as error:
        words = f"{host}: {error.strerror or error}"
        yield Check("dns", "fail", words, say("Is there a network here?"))
        return
    found = ", ".join(sorted(addresses)[:3])
    yield Check("dns", "ok", say("{host} is {addresses}", host=host, addresses=found))
    try:
        with socket.create_connection((host, port), timeout=5) as plain:
            if not tls:
                words = say("port {port} answers, without TLS", port=port)
                yield Check("connection", "ok", words)
                return
            with ssl.create_default_context().wrap_socket(plain, server_hostname=host) as safe:
                expires = ssl.cert_time_to_seconds(str((safe.getpeercert() or {})["notAfter"]))
    except ssl.SSLError as error:
        hint = say(
            "Something between here and WeCom opens TLS: give its certificate as `ca_certs`, or "
            "go around it."
        )
        yield Check("tls", "fail", str(error), hint)
    except OSError as error:
        hint = say("A firewall, or a proxy to go through?")
        yield Check("connection", "fail", f"{host}:{port}: {error}", hint)
    else:
        days = int(expires - time.time()) // 86_400
        status: Status = "ok" if days * 86_400 > EXPIRES_SOON else "warn"
        words = say("the certificate is trusted, and good for {days} days", days=days)
        yield Check("tls", status, words)


def clock(url: str, who: "Account") -> Check:
    """Whether our clock agrees with WeCom's, to judge by the date of an answer."""
    try:
        if who.proxy is not None:
            http: urllib3.PoolManager = urllib3.ProxyManager(who.proxy.reveal())
        else:
            http = urllib3.PoolManager()
        with http:
            answer = http.request(
                "GET", url.rstrip("/") + "/", timeout=5.0, retries=False, redirect=False
            )
    except urllib3.exceptions.HTTPError as error:
        return Check("clock", "skip", say("not compared: {why}", why=type(error).__name__))
    try:
        skew = time.time() - parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
    except ValueError:
        return Check("clock", "skip", say("not compared: the answer has no date"))
    if abs(skew) <= SKEW:
        words = say("within {seconds} s of WeCom's", seconds=max(1, round(abs(skew))))
        return Check("clock", "ok", words)
    away = f"{abs(skew):.0f}"
    ahead = say("{seconds} s ahead of WeCom's", seconds=away)
    behind = say("{seconds} s behind WeCom's", seconds=away)
    hint = say("Set it by NTP: callbacks are refused, and times of customers are off.")
    return Check("clock", "fail", ahead if skew > 0 else behind, hint)


def permissions(session: Session, client: "Client") -> Iterator[Check]:
    """Whether a token can be had, whether the IP is trusted, and what the secret may call.

    Of each family the first read that needs no argument is made; the reference knows which that is.
    """
    token_known = False
    for call, data in probes():
        query: dict[str, Any] = {"query" if call.method == "GET" else "json": data}
        try:
            reply = client.raw(call.method, call.path, readonly=True, **query)
        except (InvalidCredential, StaleToken) as error:
            hint = say(
                "The secret belongs to one app of this corp: copy both again from the console."
            )
            yield Check("token", "fail", explained(session, error), hint)
            return
        except APIError as error:
            found = refusal(session, call, error)
        except WeComError as error:
            yield Check("wecom", "fail", str(error))
            return
        else:
            found = Check(call.resource, "ok", answers(call, reply))
        if not token_known:
            token_known = True
            yield Check("token", "ok", say("WeCom gives one"))
        yield found
        if found.name == TRUSTED_IP:
            return


def probes() -> Iterator[tuple["Call", dict[str, int]]]:
    """Of each family, the first read that needs nothing, or only how much to send.

    Every app may make it, for a secret does not tell whether a provider made the app.
    """
    from .. import reference

    asked: set[str] = set()
    for call in reference.calls():
        needed = [field for field in call.request if not field.optional]
        simple = all(field.kind == "int" and "max" in field.limits for field in needed)
        everybody = call.token == "access_token" and call.apps == "all"
        if call.resource in asked or not (call.readonly and simple and everybody):
            continue
        asked.add(call.resource)
        yield call, {field.wire: field.limits.get("min", 1) for field in needed}


def answers(call: "Call", reply: dict[str, Any]) -> str:
    """That a call answers, and how many things its reply lists: members who serve customers, contact ways."""
    lists = {name: value for name, value in reply.items() if isinstance(value, list)}
    counts = "".join(f", {len(value)} × {name}" for name, value in lists.items())
    return say("{call} answers", call=call.name) + counts


def refusal(session: Session, call: "Call", error: APIError) -> Check:
    """What a refused read tells."""
    words = explained(session, error)
    ways: dict[int, Callable[[], Check]] = {
        NOT_TRUSTED: lambda: Check(
            TRUSTED_IP,
            "fail",
            say("WeCom saw {address}, which is not trusted", address=error.from_ip or "?"),
            say(
                "Add {address} to 企业可信IP of the app at {console}. The console wants 设置可信域名 "
                "or 设置接收消息服务器URL to be done before it takes an address.",
                address=error.from_ip or "?",
                console=CONSOLE,
            ),
        ),
        NOT_CALLABLE: lambda: Check(
            call.resource,
            "fail",
            words,
            say("Add the app to 可调用接口的应用: 客户与上下游 › 客户联系 › API, in the console."),
        ),
        OUT_OF_RANGE: lambda: Check(
            call.resource,
            "warn",
            words,
            say(
                "The app may not see this: widen its 可见范围, or 使用范围 of 客户联系 in the console."
            ),
        ),
    }
    if error.code in ways:
        return ways[error.code]()
    status: Status = "warn" if isinstance(error, (Busy, RateLimited, Forbidden)) else "fail"
    fact = session.fact(error.code)
    return Check(call.resource, status, words, fact.advice if fact is not None else error.advice)


def explained(session: Session, error: APIError) -> str:
    """An error in a few words."""
    fact = session.fact(error.code)
    return f"{error.code} {fact.doc.rstrip('.。') if fact is not None else error.message}"
