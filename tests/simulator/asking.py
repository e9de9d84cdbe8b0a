"""Asks the simulator without a client and without a socket, as any program might."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

import urllib3
from wecom_contact import catalog, reference
from wecom_contact.testing import App, Reply, Request, Simulator

PNG = b"\x89PNG\r\n\x1a\n and so on"
MP4 = b"\0\0\0\x18ftypmp42 and so on"
FRAME = b"\x04" + bytes(12)
"""20 milliseconds of a voice."""


def voice(seconds: float) -> bytes:
    """A voice that plays so long."""
    return b"#!AMR\n" + FRAME * round(seconds * 50)


BOUNDARY = "simple"


def send(
    corp: Simulator,
    method: str,
    path: str,
    query: dict[str, Any] | None = None,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> Reply:
    return corp.answer(Request(method, path, urlencode(query or {}), headers or {}, body))


def token_of(corp: Simulator, app: App | None = None) -> str:
    secret = (app or corp.app).secret
    query = {"corpid": corp.corp_id, "corpsecret": secret}
    said = json.loads(send(corp, "GET", "/cgi-bin/gettoken", query).body)
    return str(said["access_token"])


def suite_app(corp: Simulator) -> App:
    """The suite, as an app that has a permanent code for its secret."""
    return App("suite", corp.suite.permanent_code)


def other_token(corp: Simulator, kind: str) -> str:
    """A token of the suite or of the provider."""
    suite = corp.suite
    if kind == "suite_access_token":
        path = "/cgi-bin/service/get_suite_token"
        body = {
            "suite_id": suite.suite_id,
            "suite_secret": suite.secret,
            "suite_ticket": suite.ticket,
        }
    else:
        path = "/cgi-bin/service/get_provider_token"
        body = {"corpid": suite.provider_id, "provider_secret": suite.provider_secret}
    return str(json.loads(send(corp, "POST", path, {}, json.dumps(body).encode()).body)[kind])


def multipart(
    content: bytes, name: str = "a.png", kind: str = "image/png", part: str = "media"
) -> bytes:
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{part}"; filename="{name}"\r\n'
        f"Content-Type: {kind}\r\n\r\n"
    )
    return head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


MULTIPART = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}


class Asker:
    """`ask("customer.get", external_userid=…)` is the whole answer; `ask.code(…)` only its errcode."""

    def __init__(self, corp: Simulator, app: App | None = None) -> None:
        self.corp = corp
        self.app = app
        self.send: Callable[..., Reply] = partial(send, corp)

    @property
    def token(self) -> str:
        """A token that holds, though hours may have passed."""
        return token_of(self.corp, self.app)

    def token_for(self, name: str) -> str:
        if self.app is None and reference.call(name).apps == "providers":
            return token_of(self.corp, suite_app(self.corp))
        return self.token

    def reply(self, name: str, /, file: Any = None, **data: Any) -> Reply:
        endpoint = catalog.CALLS[name]
        kind: str = endpoint.token
        token = self.token_for(name) if kind == "access_token" else other_token(self.corp, kind)
        query = {kind: token}
        if file is not None and not endpoint.upload:
            data["file"] = file  # a field that has the name of our parameter
        if endpoint.upload:
            body = b"" if file is None else multipart(file)
            return self.send("POST", endpoint.path, {**query, **data}, body, MULTIPART)
        if endpoint.method == "GET":
            return self.send("GET", endpoint.path, {**query, **data})
        body = json.dumps(data, ensure_ascii=False).encode()
        return self.send("POST", endpoint.path, query, body)

    def __call__(self, name: str, /, file: Any = None, **data: Any) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.reply(name, file, **data).body)
        return said

    def code(self, name: str, /, file: Any = None, **data: Any) -> int:
        code: int = self(name, file, **data)["errcode"]
        return code

    def good(self, name: str, /, file: Any = None, **data: Any) -> dict[str, Any]:
        said = self(name, file, **data)
        assert said["errcode"] == 0, said
        return said


class HttpAsker(Asker):
    """The same over HTTP; the corp is running."""

    def __init__(self, corp: Simulator, app: App | None = None) -> None:
        super().__init__(corp, app)
        self.pool = urllib3.connection_from_url(corp.url)
        self.send = self.over_http

    def over_http(
        self, method: str, path: str, query: Any, body: bytes = b"", headers: Any = None
    ) -> Reply:
        url = f"{path}?{urlencode(query)}"
        said = self.pool.urlopen(method, url, body=body, headers=headers, retries=False)
        return Reply(said.data, said.status)
