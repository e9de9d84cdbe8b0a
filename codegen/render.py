"""From the IR to text: gathers the words of each file for its template, and renders it. Writes nothing."""

import json
import os
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

from codegen import ir, python
from codegen.python import Say, docstring, english, fit, literal

HERE = Path(__file__).parent

MODULES = (
    "callback",
    "catalog",
    "codec",
    "errors",
    "events",
    "observe",
    "reference",
    "types",
)
"""What is used as a module: `from wecom_contact import codec`."""

CLOSED = ("observe", "reference")
"""Runtime modules whose names do not stand in the package itself."""

EXPORTED = {
    "_client": ["Client"],
    "_async_client": ["AsyncClient"],
    "_runtime.sync_driver": ["Pager"],
    "_runtime.async_driver": ["AsyncPager"],
    "_runtime.media": ["Download", "FileContent", "Upload"],
    "_runtime.model": ["BEIJING", "Unknown"],
    "_runtime.telemetry": ["CallRecord"],
    "callback": ["Callback"],
    "events": ["Event", "UnknownEvent"],
}
"""Public names of private modules."""

WITH_EXTRA = ("_runtime.async_driver", "_async_client")
"""Modules that import more than a core install has."""


def environment() -> jinja2.Environment:
    cache = None
    if os.access(HERE, os.W_OK) and not sys.dont_write_bytecode:
        # Compiled templates stay where compiled modules do: 7 % of a run.
        (HERE / "__pycache__").mkdir(exist_ok=True)
        cache = jinja2.FileSystemBytecodeCache(os.fspath(HERE / "__pycache__"))
    return jinja2.Environment(
        bytecode_cache=cache,
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )


class Planner:
    """Turns one API into the words the templates arrange."""

    def __init__(self, api: ir.Api, say: Say = english) -> None:
        assert api.package is not None, "a package needs a package.yaml"
        self.api = api
        self.own = api.package
        self.say = say
        self.jinja = environment()
        self.jinja.globals["say"] = say
        self.jinja.filters["wrap"] = python.wrap
        self.errors = {error.code: error for error in api.errors}
        self.homes = {each.name: module.name for module, each in api.types}
        self.homes |= {error.cls: "errors" for error in api.errors}
        for module in api.modules:
            for side in ("", "Async") if module.calls else ():
                self.homes[f"{side}{ir.camel(module.name)}Calls"] = module.name
        for call in api.calls:
            self.homes[call.cls] = call.resource
            if call.response:
                self.homes[call.response.name] = call.resource
        received: set[str] = set()
        for call in api.calls:
            if call.response:
                received |= ir.reach(call.response).keys()
        for event in api.events:
            received |= {
                name
                for field in event.fields
                if field.ref.target
                for name in (field.ref.name, *self.inside(field.ref.target))
            }
        self.received = received

    def inside(self, each: ir.Type) -> set[str]:
        return set(ir.reach(each)) if isinstance(each, ir.Record) else set()

    def render(self, template: str, head: str, own: str, **words: Any) -> str:
        body = self.jinja.get_template(template).render(**words).strip("\n") + "\n"
        imports = python.imports(body, self.homes, own)
        return f"{head}\n\n{imports}\n\n{self.gap(body)}{body}" if imports else f"{head}\n\n{body}"

    def gap(self, body: str) -> str:
        """Classes stand two lines below the imports, assignments one."""
        return "\n" if body.startswith(("class ", "@", "def ")) else ""

    def head(self, text: str, source: str) -> str:
        made = self.say("Generated from {source} by `make gen`. Do not edit.", source=source)
        return docstring([text, made], 0)

    def titled(self, module: ir.Module) -> str:
        return self.say("{title}: {doc}", title=module.title, doc=self.say(module.doc))

    # Types

    def type(self, each: ir.Type) -> dict[str, Any]:
        inside = isinstance(each, ir.Record | ir.Enum)
        doc = docstring([self.say(each.doc)], 4 if inside else 0)
        if isinstance(each, ir.Record):
            sent = each.name not in self.received
            return {
                "template": "record.py.j2",
                "name": each.name,
                "doc": doc,
                "rules": python.rules(each),
                "fields": self.fields(each.fields, sent),
            }
        if isinstance(each, ir.Enum):
            lines: list[str] = []
            for value in each.values:
                shown = (
                    str(value.value)
                    if each.numeric
                    else json.dumps(value.value, ensure_ascii=False)
                )
                lines.append(f"{value.name.upper()} = {shown}")
                if value.doc:
                    lines.append(docstring([self.say(value.doc)], 4))
            base = "OpenInt" if each.numeric else "OpenStr"
            return {"template": "enum.py.j2", "name": each.name, "doc": doc, "base": base,
                    "members": lines}  # fmt: skip
        if isinstance(each, ir.Alias):
            return {"template": "alias.py.j2", "name": each.name, "doc": doc, "base": each.base}
        names = [variant.record.name for variant in each.variants] + ["Unknown"]
        classes = " | ".join(names)
        if len(classes) + 5 > python.WIDTH:
            classes = "\n    | ".join(names)
        rows = [
            f'{literal(variant.tag)}: ("{variant.key}", {variant.record.name})'
            for variant in each.variants
        ]
        parts = [f'"{each.tag}"', "{" + ", ".join(rows) + "}"]
        if each.common:
            parts.append(literal(each.common))
        tagged = f"Tagged({', '.join(parts)})"
        if len(tagged) + 5 > python.WIDTH:
            inner = "{\n" + "".join(f"            {row},\n" for row in rows) + "        }"
            parts[1] = inner
            tagged = "Tagged(\n" + "".join(f"        {part},\n" for part in parts) + "    )"
        return {"template": "union.py.j2", "name": each.name, "doc": doc, "classes": classes,
                "tagged": tagged}  # fmt: skip

    def fields(
        self, fields: Sequence[ir.Field], sent: bool, event: bool = False, docs: bool = True
    ) -> list[str]:
        lines = []
        hidden = python.hidden_by(field.name for field in fields)
        for field in fields:
            lines.append(python.definition(field, sent, event, hidden))
            text = python.about(field, self.say)
            if docs and text:
                lines.append(docstring([text], 4))
        return lines

    # Calls

    def result(self, call: ir.Call) -> dict[str, Any] | None:
        record = call.response
        if record is None:
            return None
        doc = self.say("What `{call}` returns.", call=call.full_name)
        return {
            "name": record.name,
            "doc": docstring([doc], 4),
            "fields": self.fields(record.fields, sent=False),
        }

    def returns(self, call: ir.Call) -> str:
        return "Download" if call.download else call.response.name if call.response else "None"

    def item(self, call: ir.Call) -> str:
        assert call.paging is not None
        assert call.response is not None
        field = next(each for each in call.response.fields if each.name == call.paging.items)
        return python.type_name(field.ref)

    def call(self, call: ir.Call) -> dict[str, Any]:
        returns = self.returns(call)
        base = f"PagedCall[{returns}, {self.item(call)}]" if call.paging else f"Call[{returns}]"
        failures = None
        if call.partial and call.response:
            hidden = python.hidden_by(field.name for field in call.response.fields)
            failures = {
                "property": python.unhidden("property", hidden),
                "type": python.unhidden(python.failure_type(call.partial, call), hidden),
                "body": python.failures(call),
            }
        paging = None
        if call.paging and call.response:
            field = next(each for each in call.response.fields if each.name == call.paging.items)
            hidden = python.hidden_by(field.name for field in call.request.fields)
            items = python.unhidden(f"list[{self.item(call)}]", hidden)
            paging = {"name": call.paging.items, "maybe": field.optional, "kind": items,
                      "after": python.next_page(call)}  # fmt: skip
        return {
            "full_name": call.full_name,
            "name": call.cls,
            "doc": docstring([self.say(call.doc)], 4),
            "head": python.class_head(call.cls, base),
            "returns": returns,
            "facts": self.facts(call, returns),
            "fields": self.fields(call.request.fields, sent=True, docs=False),
            "rules": python.rules(call.request),
            "result": self.result(call),
            "failures": failures,
            "paging": paging,
        }

    def facts(self, call: ir.Call, returns: str) -> list[str]:
        facts = [
            f'name="{call.full_name}"',
            f'method="{call.method}"',
            f'path="{call.path}"',
            f"title={literal(call.title)}",
            f"page={call.page}",
            f"readonly={call.readonly}",
            f"result={returns}",
        ]
        if call.token != "access_token":
            facts.append(f'token="{call.token}"')
        if call.paging:
            own = call.paging
            words = [f'items="{own.items}"', f'cursor="{own.cursor}"']
            if own.style != "page":
                words.append(f'next="{own.next}"')
            words += [
                f'{word}="{name}"'
                for word, name in (("total", own.total), ("until", own.until))
                if name
            ]
            facts.append(f"paginate=Paginate({', '.join(words)})")
        if call.errors:
            facts.append(python.rows(8, "errors=", call.errors))
        if call.serial:
            facts.append("serial=True")
        if call.upload:
            facts.append(f'upload="{call.upload.name}"')
        if call.download:
            facts.append("download=True")
        return facts

    def method(self, call: ir.Call, doc: str, aio: bool, hidden: Collection[str]) -> dict[str, str]:
        fields = python.ordered(call.request)
        parts = ["self"] + (["*"] if fields or call.download else [])
        parts += [python.parameter(field, hidden) for field in fields]
        if call.download:
            parts.append("to: Destination = None")
        returns = self.returns(call)
        if call.paging:
            pager = "AsyncPager" if aio else "Pager"
            inner = python.unhidden(f"{pager}[{returns}, {self.item(call)}]", hidden)
            returns = f'"{inner}"'
        awaited = aio and not call.paging
        head = f"{'async ' if awaited else ''}def {call.name}("
        given = [f"{field.name}={field.name}" for field in fields]
        verb = "download" if call.download else "pager" if call.paging else "send"
        start = f"return {'await ' if awaited else ''}self._client.{verb}("
        flat = f"{call.cls}({', '.join(given)})"
        end = ", to)" if call.download else ")"
        if len(start) + len(flat) + len(end) + 8 <= python.WIDTH:
            body = f"{start}{flat}{end}"
        elif len(flat) + 12 <= python.WIDTH:
            body = f"{start}\n            {flat}\n        )"
        else:
            body = f"{start}\n            {fit(12, call.cls + '(', given, ')')}\n        )"
        if call.deprecated:
            warn = python.unhidden("warn", python.hidden_by(field.name for field in fields))
            warning = fit(
                8, f"{warn}(", [literal(call.deprecated), "DeprecationWarning", "stacklevel=2"], ")"
            )
            body = f"{warning}\n        {body}"
        return {
            "signature": fit(4, head, parts, f") -> {returns}:"),
            "doc": doc,
            "body": body,
        }

    def module(self, module: ir.Module) -> str:
        text = self.titled(module) if module.title else self.say(module.doc)
        docs = [
            docstring(python.call_docstring(call, self.errors, self.own, self.say), 8)
            for call in module.calls
        ]
        hidden = python.hidden_by(call.name for call in module.calls)
        sides = [
            {
                "name": f"{'Async' if aio else ''}{ir.camel(module.name)}Calls",
                "client": "AsyncClient" if aio else "Client",
                "base": "AsyncDriver" if aio else "SyncDriver",
                "methods": [
                    self.method(call, doc, aio, hidden)
                    for call, doc in zip(module.calls, docs, strict=True)
                ],
            }
            for aio in (False, True)
            if module.calls
        ]
        words = {
            "name": module.name,
            "title": module.title,
            "types": [self.type(each) for each in module.types],
            "calls": [self.call(call) for call in module.calls],
        }
        head = self.head(text, f"spec/{module.name}.yaml")
        return self.render("module.py.j2", head, module.name, module=words, sides=sides)

    # The rest of the package

    def events(self) -> str:
        module = next((each for each in self.api.modules if each.name == "events"), None)
        types = [self.type(each) for each in module.types] if module else []
        events = [
            {
                "name": event.name,
                "doc": docstring(
                    [self.say(event.doc),
                     self.say("{title}: {link}", title=event.title,
                              link=self.own.page(event.page)),
                     "\n".join(f"- {self.say(note)}" for note in event.notes)], 4
                ),
                "fields": self.fields(event.fields, sent=False, event=True),
            }
            for event in self.api.events
        ]  # fmt: skip
        table = [
            f"({literal(event.family)}, {literal(event.change or None)}): {event.name}"
            for event in self.api.events
        ]
        text = self.titled(module) if module else self.say("Events.")
        names = [str(each["name"]) for each in (*types, *events)]
        names = sorted([*names, "Event", "TABLE", "UnknownEvent", "parse"], key=python.name_order)
        return self.render("events.py.j2", self.head(text, "spec/events.yaml"), "events",
                           module={"types": types}, events=events, table=table, names=names)  # fmt: skip

    def client(self, aio: bool) -> str:
        side = {
            "client": "AsyncClient" if aio else "Client",
            "base": "AsyncDriver" if aio else "SyncDriver",
            "doc": self.named(
                self.say("WeCom's customer-contact API, async: every resource is an attribute.")
                if aio
                else self.say("WeCom's customer-contact API, sync: every resource is an attribute.")
            ),
            "store": "AsyncRedisStore" if aio else "RedisStore",
            "limiter": "AsyncRedisLimiter" if aio else "RedisLimiter",
        }
        modules = [
            {
                "name": module.name,
                "cls": f"{'Async' if aio else ''}{ir.camel(module.name)}Calls",
                "doc": docstring([self.titled(module)], 8),
            }
            for module in self.api.modules
            if module.calls
        ]
        text = self.say("The async client.") if aio else self.say("The sync client.")
        head = self.head(text, "spec/")
        return self.render("client.py.j2", head, "_client", side=side, modules=modules)

    def errcodes(self) -> str:
        errors = [
            {
                "code": error.code,
                "cls": error.cls,
                "title": literal(error.title),
                "doc": literal(error.doc),
                "advice": literal(error.advice),
            }
            for error in sorted(self.api.errors, key=lambda error: error.code)
        ]
        head = self.head(self.say("What every error code means."), "spec/errors.yaml")
        return self.render("errcodes.py.j2", head, "_errcodes", errors=errors)

    def catalog(self) -> str:
        calls = [f'"{call.full_name}": "{call.cls}"' for call in self.api.calls]
        text = self.say("Everything there is, by name, imported when it is read.")
        head = self.head(text, "spec/")
        return self.render("catalog.py.j2", head, "catalog", calls=calls)

    def callback(self) -> str:
        return self.jinja.get_template("callback.py.j2").render(package=self.own)

    def codec(self) -> str:
        return self.jinja.get_template("codec.py.j2").render()

    def package(self, exported: Mapping[str, Sequence[str]]) -> str:
        homes = {home: list(public) for home, public in EXPORTED.items()}
        for home, public in exported.items():
            homes.setdefault(home, []).extend(public)
        for module in self.api.modules:
            own = homes.setdefault(module.name, [])
            own += [each.name for each in module.types]
            for call in module.calls:
                own += [call.cls] + ([call.response.name] if call.response else [])
            own += [event.name for event in module.events]
        homes = {
            name: sorted(names, key=python.name_order) for name, names in homes.items() if names
        }
        modules = sorted({*MODULES, *(m.name for m in self.api.modules)})
        names = sorted(
            {*modules, *(name for own in homes.values() for name in own)}, key=python.name_order
        )
        imports = ["from . import (", *(f"    {name}," for name in modules), ")"]
        for home, own in sorted(homes.items()):
            imports += python.fit_import(f".{home}", own, indent=4).split("\n")
        rows = [f'".{home}": "{" ".join(own)}"' for home, own in sorted(homes.items())]
        with_extra = ", ".join(f'".{home}"' for home in WITH_EXTRA)
        return self.jinja.get_template("package.py.j2").render(
            package=self.own,
            about=self.about_package(),
            imports=imports,
            names=names,
            homes=rows,
            modules=modules,
            with_extra=with_extra,
        )

    def named(self, text: str) -> str:
        """A sentence about this API, in the name of the package's own."""
        return text.replace("customer-contact API", self.own.api).replace(
            "客户联系", self.own.title
        )

    def about_package(self) -> str:
        own = self.own
        head = self.named(
            self.say(
                "The Python SDK for WeCom's (企业微信) customer-contact API (客户联系), sync and async, fully typed."
            )
        )
        if not own.example:
            return head
        lines = [
            'with Client(corp_id="ww…", secret="…") as wecom:',
            *(f"    {line}" for line in own.example.split("\n")),
        ]
        return "\n".join([head, "", *(f"    {line}" for line in lines)])

    # Documents

    def api_md(self, say: Say = english) -> str:
        modules = [
            {
                "name": module.name,
                "title": module.title,
                "doc": module.doc,
                "calls": [
                    {
                        "full_name": call.full_name,
                        "returns": self.returns_in_words(call, say),
                        "title": call.title,
                        "link": self.own.page(call.page),
                        "doc": call.doc,
                    }
                    for call in module.calls
                ],
            }
            for module in self.api.modules
            if module.calls
        ]
        events = [
            {"name": event.name, "title": event.title, "link": self.own.page(event.page),
             "doc": event.doc}
            for event in self.api.events
        ]  # fmt: skip
        template = self.jinja.get_template("api.md.j2")
        return template.render(modules=modules, events=events, say=say).strip("\n") + "\n"

    def returns_in_words(self, call: ir.Call, say: Say = english) -> str:
        if call.paging:
            return say("pages of `{item}`", item=self.item(call))
        returns = self.returns(call)
        return say("nothing") if returns == "None" else f"`{returns}`"

    def coverage(self) -> str:
        rows = [
            "| call | official title | page | paging | returns |",
            "| --- | --- | --- | --- | --- |",
        ]
        for call in self.api.calls:
            style = call.paging.style if call.paging else ""
            link = f"[{call.page}]({self.own.page(call.page)})"
            title = call.title.replace("|", "\\|")
            rows.append(
                f"| `{call.full_name}` | {title} | {link} | {style} | {self.returns_in_words(call)} |"
            )
        return "\n".join(rows) + "\n"
