"""Recorded conversations, played by a real server to both clients of a package."""

import asyncio
import base64
import json
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from attrs import fields
from conftest import FixedToken, read_fixture
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

ENVELOPE = {"errcode", "errmsg"}


class Replay:
    """The fixtures of a folder, and the package that is to say and understand what is in them."""

    def __init__(self, package: Any, folder: Path) -> None:
        self.package = package
        self.calls = package.catalog.CALLS
        self.strict = package.codec.Codec(strict=True)
        self.folder = folder

    def __call__(self, name: str, server: HTTPServer) -> None:
        """Play a fixture to the client."""
        fixture = read_fixture(self.folder / f"{name}.json")
        self.play(server, fixture)
        call = self.build(fixture)
        with self.package.Client(
            credential=FixedToken(), base_url=server.url_for("/"), strict=True, retry=None
        ) as wecom:

            def run() -> Any:
                answer = self.ask(wecom, call)
                return list(answer) if self.is_paged(fixture) else answer

            if "raises" in fixture:
                with pytest.raises(getattr(self.package.errors, fixture["raises"]["type"])) as told:
                    run()
                self.check_error(fixture, told.value)
            else:
                self.check(fixture, run())

    def async_(self, name: str, server: HTTPServer) -> None:
        """Play a fixture to the async client."""
        fixture = read_fixture(self.folder / f"{name}.json")
        self.play(server, fixture)

        async def run() -> Any:
            call = self.build(fixture)
            async with self.package.AsyncClient(
                credential=FixedToken(), base_url=server.url_for("/"), strict=True, retry=None
            ) as wecom:
                answer = self.ask(wecom, call)
                if self.is_paged(fixture):
                    return [item async for item in answer]
                return await answer

        if "raises" in fixture:
            with pytest.raises(getattr(self.package.errors, fixture["raises"]["type"])) as told:
                asyncio.run(run())
            self.check_error(fixture, told.value)
        else:
            self.check(fixture, asyncio.run(run()))

    def play(self, server: HTTPServer, fixture: dict[str, Any]) -> None:
        """Expect the requests of a fixture in their order; each is compared to the letter."""
        endpoint = self.calls[fixture["call"]]
        for exchange in fixture["exchanges"]:
            expected, answer = exchange["request"], exchange["response"]

            def respond(
                request: Request, expected: Any = expected, answer: Any = answer
            ) -> Response:
                query = dict(request.args)
                assert query.pop(endpoint.token) == f"TOKEN-{endpoint.token}"
                assert query == expected.get("query", {})
                if "json" in expected:
                    assert request.content_type == "application/json"
                    assert json.loads(request.get_data()) == expected["json"]
                    assert rb"\u" not in request.get_data(), "WeCom refuses escapes"
                elif expected.get("multipart"):
                    check_multipart(request, fixture["file"])
                else:
                    assert request.get_data() == b""
                body = (
                    base64.b64decode(answer["content_base64"])
                    if "content_base64" in answer
                    else json.dumps(answer["json"])
                )
                headers = answer.get("headers", {"Content-Type": "application/json; charset=UTF-8"})
                return Response(body, answer["status"], headers)

            server.expect_ordered_request(
                expected["path"], method=expected["method"]
            ).respond_with_handler(respond)

    def build(self, fixture: dict[str, Any]) -> Any:
        """The call of a fixture, from its arguments in wire shape; so the codec is tested, too."""
        endpoint = self.calls[fixture["call"]]
        call = self.strict.structure(fixture["args"], endpoint.call)
        if endpoint.upload:
            file = fixture["file"]
            content = base64.b64decode(file["content_base64"])
            upload = self.package.Upload(content, file["name"], file["content_type"])
            setattr(call, endpoint.upload, upload)
        return call

    def ask(self, wecom: Any, call: Any) -> Any:
        """Call the flat method, as people do, with the fields of the call as its arguments."""
        resource, _, name = call.endpoint.name.partition(".")
        given = {each.name: getattr(call, each.name) for each in fields(type(call))}
        given = {name: value for name, value in given.items() if value is not None}
        return getattr(getattr(wecom, resource), name)(**given)

    def is_paged(self, fixture: dict[str, Any]) -> bool:
        return self.calls[fixture["call"]].paginate is not None

    def expected_items(self, fixture: dict[str, Any]) -> list[Any]:
        """The items of all pages, as they were sent."""
        paginate = self.calls[fixture["call"]].paginate
        assert paginate is not None
        return [
            item
            for exchange in fixture["exchanges"]
            for item in exchange["response"]["json"].get(paginate.items, [])
        ]

    def check(self, fixture: dict[str, Any], got: Any) -> None:
        """What the caller got is what was said, and encodes to the same again."""
        endpoint, codec = self.calls[fixture["call"]], self.package.codec
        if endpoint.paginate and "result" in fixture:
            assert codec.unstructure(got) == fixture["result"]
        elif endpoint.paginate:
            # With its type, as a variant of a union does not know its tag.
            kind = get_type_hints(endpoint.call.items_of, include_extras=True)["return"]
            assert codec.converter.unstructure(got, kind) == self.expected_items(fixture)
        elif endpoint.download:
            answer = fixture["exchanges"][-1]["response"]
            assert got.content == base64.b64decode(answer["content_base64"])
        elif endpoint.result is None:
            assert got is None
            assert expected_result(fixture) == {}
        else:
            assert type(got) is endpoint.result
            assert codec.unstructure(got) == expected_result(fixture)
            if hasattr(got, "failures"):
                self.check_failures(got)

    def check_failures(self, got: Any) -> None:
        """Failed items are raised on demand, and none raise nothing."""
        if got.failures:
            with pytest.raises(self.package.errors.PartialFailure) as caught:
                got.raise_for_failures()
            assert caught.value.failures == got.failures
            assert caught.value.result is got
        else:
            got.raise_for_failures()

    def check_error(self, fixture: dict[str, Any], error: Any) -> None:
        assert type(error).__name__ == fixture["raises"]["type"]
        assert error.code == fixture["raises"]["code"]
        assert error.path == self.calls[fixture["call"]].path
        assert error.doc
        assert error.advice


def check_multipart(request: Request, file: dict[str, Any]) -> None:
    """The bytes on the wire: one part named media, its file name in raw UTF-8."""
    head = f"Content-Type: {request.content_type}\r\n\r\n".encode()
    body = request.get_data()
    assert f'filename="{file["name"]}"'.encode() in body
    (part,) = BytesParser(policy=HTTP).parsebytes(head + body).iter_parts()
    assert part.get_param("name", header="content-disposition") == "media"
    assert part.get_content_type() == file["content_type"]
    assert part.get_payload(decode=True) == base64.b64decode(file["content_base64"])


def expected_result(fixture: dict[str, Any]) -> Any:
    reply = fixture["exchanges"][-1]["response"]["json"]
    return fixture.get("result", {k: v for k, v in reply.items() if k not in ENVELOPE})
