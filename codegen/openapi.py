"""From the reference to OpenAPI 3.1, and to JSON Schema of one record. Knows nothing of the spec or the IR.

Every word that begins with `x-` is described in docs/openapi.md.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from itertools import combinations
from typing import Any, TypeAlias

from codegen.runtime import reference
from codegen.runtime.reference import Field, Language, Reference

Data: TypeAlias = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
COMPONENTS = "#/components/schemas/"
DEFINITIONS = "#/$defs/"

SCALARS: Mapping[str, Data] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "flag": {"type": "integer", "enum": [0, 1]},
    "timestamp": {"type": "integer", "x-timestamp": True},
    "any": {},
    "file": {"type": "string", "format": "binary"},
}
ALSO = {"str": "string", "int": "integer"}
ITEMS = {"max_items": "maxItems", "min_items": "minItems"}
TEXT = {"max_chars": "maxLength", "min_chars": "minLength", "max": "maximum", "min": "minimum"}
REFUSAL, DONE, ENCRYPTED = "Refusal", "Done", "EncryptedMessage"
"""Names of our own among those of the API."""


INTRODUCTION = (
    "Every reply has HTTP status 200 and an `errcode`: 0, or the code of a refusal. "
    "Words that begin with `x-` are described in docs/openapi.md."
)
CHINESE = {
    INTRODUCTION: (
        "所有响应的 HTTP 状态码都是 200，是否成功看 `errcode`：0 为成功，其他为错误码。"
        "以 `x-` 开头的扩展字段见 docs/openapi.md。"
    ),
    "Give at least one of {}.": "{} 至少填一个。",
    "Give exactly one of {}.": "{} 必须且只能填一个。",
    "What `{}` returns.": "`{}` 的返回结果。",
    "It is done.": "调用成功。",
    "WeCom refused the call.": "调用被企业微信拒绝。",
    "For people only.": "仅供人阅读，请勿用于程序判断。",
    "Unix seconds.": "Unix 时间戳，单位为秒。",
    "1 is yes, 0 is no.": "1 为是，0 为否。",
    "At most {:,} bytes of UTF-8.": "UTF-8 编码后最多 {:,} 字节。",
    "Deprecated: {}": "已废弃：{}",
    "WeCom forbids parallel calls.": "企业微信不允许并发调用。",
    "The company, where its own app is told.": "企业 ID，推送给企业自建应用时。",
    "The company, where a suite is told.": "授权企业的 ID，推送给第三方应用时。",
    "The suite that is told.": "接收推送的第三方应用的 SuiteId。",
    "When it happened, in Unix seconds.": "事件发生的时间，Unix 时间戳，单位为秒。",
    "`CreateTime`, where a suite is told.": "推送给第三方应用时，相当于 `CreateTime`。",
    "`Event`, where a suite is told.": "推送给第三方应用时，相当于 `Event`。",
    "The body of a callback as it comes; `Encrypt` holds the message, encrypted with the EncodingAESKey.": (
        "回调请求的原始包体；`Encrypt` 是用 EncodingAESKey 加密的消息。"
    ),
    "The file, of any content type, or JSON with the code of a refusal.": (
        "文件内容，Content-Type 不固定；被拒绝时是带错误码的 JSON。"
    ),
    "`errcode` is 0, or the code of a refusal.": "`errcode` 为 0 表示成功，否则为错误码。",
    "The message after decryption; what comes is an `EncryptedMessage`.": (
        "解密后的消息；实际收到的包体是 `EncryptedMessage`。"
    ),
    "Heard. WeCom repeats what is not answered within 5 seconds.": (
        "已收到。5 秒内没有应答，企业微信会重试。"
    ),
}
"""The sentences of this room; those of the API are the reference's own."""


def words_in(language: Language, text: str, *values: Any) -> str:
    return (CHINESE[text] if language == "zh" else text).format(*values)


class UnknownSchema(LookupError):
    """A name that is not the class of a request, a reply, a type or an event."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        close = get_close_matches(name, known, n=3)
        hint = f"; did you mean {' or '.join(close)}?" if close else ""
        super().__init__(f"there is no {name!r}{hint}")


def document(reference: Reference, version: str) -> Data:
    """The whole API: an operation for each call, a webhook for each event."""
    schemas = Schemas(reference, COMPONENTS)
    operations = Operations(reference, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title(reference),
            "version": version,
            "description": words_in(reference.language, INTRODUCTION),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": reference.package.base_url}],
        "tags": [
            {
                "name": each.name,
                "x-displayName": each.title,
                "description": each.doc,
                "externalDocs": {"url": each.link},
            }
            for each in reference.resources()
        ],
        "paths": operations.paths(),
        "webhooks": operations.webhooks(),
        "components": {
            "schemas": dict(sorted(schemas.all().items())),
            "securitySchemes": {
                token: {"type": "apiKey", "in": "query", "name": token}
                for token in dict.fromkeys(each.token for each in reference.calls())
            },
        },
        "x-errors": {
            str(each.code): {
                "class": each.cls,
                "title": each.title,
                "doc": each.doc,
                "advice": each.advice,
                "retryable": each.retryable,
                "renews": each.renews,
            }
            for each in reference.errors()
        },
    }


def title(reference: Reference) -> str:
    own = reference.package
    return f"企业微信{own.title}" if reference.language == "zh" else f"WeCom {own.api}"


def definitions(reference: Reference) -> dict[str, Data]:
    """What `record` takes its schema from; a request that goes to the query is an object, too."""
    schemas = Schemas(reference, DEFINITIONS)
    found = schemas.all()
    for call in reference.calls():
        if call.request_class not in found:
            fields = [each for each in call.request if each.name != call.upload]
            found[call.request_class] = schemas.object(fields, call.doc, call.any_of, call.one_of)
    return found


def record(schemas: Mapping[str, Data], name: str) -> Data:
    """JSON Schema of one record, request, reply or event, with all that it needs; raises `UnknownSchema`."""
    if name not in schemas:
        raise UnknownSchema(name, schemas)
    needed: dict[str, Data] = {}
    open_ = [name]
    while open_:
        each = open_.pop()
        if each not in needed:
            needed[each] = schemas[each]
            open_ += referred(schemas[each])
    own = {"$schema": DIALECT, "title": name, **plain(needed.pop(name))}
    if needed:
        own["$defs"] = {each: plain(schema) for each, schema in sorted(needed.items())}
    return own


def referred(schema: Any) -> Iterator[str]:
    """The names that a schema refers to."""
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "$ref":
                yield value.removeprefix(DEFINITIONS)
            else:
                yield from referred(value)
    elif isinstance(schema, list):
        for each in schema:
            yield from referred(each)


def plain(schema: Any) -> Any:
    """Without the words that only OpenAPI knows."""
    if isinstance(schema, dict):
        return {
            key: {name: plain(each) for name, each in value.items()}
            if key == "properties"
            else plain(value)
            for key, value in schema.items()
            if not key.startswith("x-") and key not in ("discriminator", "xml")
        }
    return [plain(each) for each in schema] if isinstance(schema, list) else schema


def described(*sentences: str) -> Data:
    text = " ".join(each for each in sentences if each)
    return {"description": text} if text else {}


class Schemas:
    """Schemas of everything that travels, by the names of the classes."""

    def __init__(self, reference: Reference, home: str) -> None:
        self.reference = reference
        self.home = home
        self.payloads = {
            variant.type: set(each.common)
            for each in reference.types()
            if each.kind == "union"
            for variant in each.variants
        }
        """The records that are payloads, and the common fields, which stand beside them."""

    def all(self) -> dict[str, Data]:
        found: dict[str, Data] = {}
        for call in self.reference.calls():
            if not call.upload and call.method == "POST":
                found[call.request_class] = self.object(
                    call.request, call.doc, call.any_of, call.one_of
                )
            if call.reply_class and not call.download:
                found[call.reply_class] = self.reply(call)
        for each in self.reference.types():
            found.update(self.type(each))
        for event in self.reference.events():
            found[event.name] = self.event(event)
        found[DONE] = self.envelope({"const": 0}, self.worded("It is done."))
        found[REFUSAL] = self.envelope(
            {"not": {"const": 0}}, self.worded("WeCom refused the call.")
        )
        found[ENCRYPTED] = self.encrypted()
        return found

    def worded(self, text: str, *values: Any) -> str:
        return words_in(self.reference.language, text, *values)

    def described(self, text: str) -> Data:
        return {"description": self.worded(text)}

    def ref(self, name: str) -> Data:
        return {"$ref": f"{self.home}{name}"}

    # What is sent and what is received

    @cached_property
    def sent(self) -> set[str]:
        return self.reach(call.request for call in self.reference.calls())

    def reach(self, roots: Iterable[Sequence[Field]]) -> set[str]:
        """The names of all types inside of some fields."""
        found: set[str] = set()
        stack = list(roots)
        while stack:
            for field in stack.pop():
                if field.type in SCALARS or field.type in found:
                    continue
                found.add(field.type)
                kind = self.reference.type(field.type)
                if isinstance(kind, reference.Record):
                    stack.append(kind.fields)
                elif isinstance(kind, reference.Union):
                    for variant in kind.variants:
                        found.add(variant.type)
                        stack.append(self.fields_of(variant.type))
        return found

    def fields_of(self, name: str) -> tuple[Field, ...]:
        kind = self.reference.type(name)
        assert isinstance(kind, reference.Record)
        return kind.fields

    # Objects

    def object(
        self,
        fields: Iterable[Field],
        doc: str,
        any_of: Sequence[Sequence[str]] = (),
        one_of: Sequence[Sequence[str]] = (),
        sent: bool = True,
    ) -> Data:
        fields = list(fields)
        told = [self.worded("Give at least one of {}.", names(group)) for group in any_of]
        told += [self.worded("Give exactly one of {}.", names(group)) for group in one_of]
        found: Data = {"type": "object", **described(doc, *told)}
        if fields:
            found["properties"] = {each.wire: self.field(each, sent) for each in fields}
        required = [each.wire for each in fields if not each.optional]
        if required:
            found["required"] = required
        wire = {each.name: each.wire for each in fields}
        return found | presence(
            [[wire[name] for name in group] for group in any_of],
            [[wire[name] for name in group] for group in one_of],
        )

    def reply(self, call: reference.Call) -> Data:
        own = self.object(call.reply, self.worded("What `{}` returns.", call.name), sent=False)
        envelope = self.envelope({"const": 0}, "")
        return {
            **own,
            "properties": {**envelope["properties"], **own.get("properties", {})},
            "required": [*envelope["required"], *own.get("required", [])],
        }

    def envelope(self, code: Data, doc: str) -> Data:
        return {
            "type": "object",
            **described(doc),
            "properties": {
                "errcode": {"type": "integer", **code},
                "errmsg": {"type": "string", **self.described("For people only.")},
            },
            "required": ["errcode", "errmsg"],
        }

    def type(self, kind: reference.Type) -> Iterator[tuple[str, Data]]:
        if isinstance(kind, reference.Record):
            common = self.payloads.get(kind.name, set())
            fields = [each for each in kind.fields if each.wire not in common]
            sent = kind.name in self.sent
            yield kind.name, self.object(fields, kind.doc, kind.any_of, kind.one_of, sent)
        elif isinstance(kind, reference.Enum):
            yield kind.name, self.enum(kind)
        elif isinstance(kind, reference.Union):
            yield from self.union(kind)

    def enum(self, kind: reference.Enum) -> Data:
        values = [each.value for each in kind.values]
        told = [f"- `{each.value}` {each.name}: {each.doc}".rstrip(": ") for each in kind.values]
        return {
            "type": "string" if isinstance(values[0], str) else "integer",
            "description": "\n".join([kind.doc, "", *told]),
            "enum": values,
            "x-enum-varnames": [each.name for each in kind.values],
            "x-enum-descriptions": [each.doc for each in kind.values],
            "x-open-enum": True,
        }

    def union(self, kind: reference.Union) -> Iterator[tuple[str, Data]]:
        """The object with the tag, and one for each variant: the tag, the common fields, the payload."""
        names = {each.tag: f"{kind.name}_{each.key}" for each in kind.variants}
        whole: Data = {**described(kind.doc), "oneOf": [self.ref(name) for name in names.values()]}
        if all(isinstance(tag, str) for tag in names):  # a discriminator knows no numbers
            mapping = {tag: f"{self.home}{name}" for tag, name in names.items()}
            whole["discriminator"] = {"propertyName": kind.tag, "mapping": mapping}
        yield kind.name, whole
        for variant in kind.variants:
            common = [each for each in self.fields_of(variant.type) if each.wire in kind.common]
            own = self.object(common, "", sent=variant.type in self.sent)
            tag_type = "string" if isinstance(variant.tag, str) else "integer"
            tag = {"type": tag_type, "const": variant.tag}
            yield (
                names[variant.tag],
                {
                    "type": "object",
                    "properties": {
                        kind.tag: tag,
                        **own.get("properties", {}),
                        variant.key: self.ref(variant.type),
                    },
                    "required": [kind.tag, *own.get("required", []), variant.key],
                },
            )

    # Fields

    def field(self, field: Field, sent: bool = True) -> Data:
        """The schema of a field; one that is received may be null, and break its limits."""
        one = self.value(field, sent)
        if field.many:
            found: Data = {"type": "array", "items": one}
            if field.item:
                found["xml"] = {"wrapped": True}
                one["xml"] = {"name": field.item}
            if sent:
                found |= bounds(field, ITEMS)
        else:
            found = one
        if field.optional and not sent:
            found = nullable(found)
        if field.default is not None:
            found["default"] = int(field.default) if field.kind == "flag" else field.default
        if field.example is not None:
            found["examples"] = [field.example]
        if field.secret:
            found["x-secret"] = True
        if field.deprecated:
            found["deprecated"] = True
        return {**found, **described(field.doc, *self.remarks(field, sent))}

    def remarks(self, field: Field, sent: bool) -> Iterator[str]:
        """What the words of JSON Schema cannot say."""
        if field.kind == "timestamp":
            yield self.worded("Unix seconds.")
        if field.kind == "flag":
            yield self.worded("1 is yes, 0 is no.")
        if sent and "max_bytes" in field.limits:
            yield self.worded("At most {:,} bytes of UTF-8.", field.limits["max_bytes"])
        if field.deprecated:
            yield self.worded("Deprecated: {}", field.deprecated)

    def value(self, field: Field, sent: bool) -> Data:
        """The schema of a value, or of an item of a list."""
        if field.kind not in SCALARS:
            return self.ref(field.type)
        found = dict(SCALARS[field.kind])
        if field.also:
            found["type"] = [found["type"], ALSO[field.also]]
        if field.type != field.kind:
            found["x-type"] = field.type
        if sent:
            found |= bounds(field, TEXT)
            if "max_bytes" in field.limits:
                # There are never more characters than bytes.
                found["x-max-bytes"] = most = field.limits["max_bytes"]
                found["maxLength"] = min(most, found.get("maxLength", most))
        return found

    # Events

    def event(self, event: reference.Event) -> Data:
        """A decrypted message: the own app's words and the suite's."""
        own = self.object(event.fields, event.doc, sent=False)
        family = {"type": "string", "const": event.family}
        text: Data = {"type": "string"}
        seconds: Data = {"type": "integer", "x-timestamp": True}
        told = self.described
        envelope: Data = {
            "ToUserName": {**text, **told("The company, where its own app is told.")},
            "AuthCorpId": {**text, **told("The company, where a suite is told.")},
            "FromUserName": text,
            "SuiteId": {**text, **told("The suite that is told.")},
            "CreateTime": {**seconds, **told("When it happened, in Unix seconds.")},
            "TimeStamp": {**seconds, **told("`CreateTime`, where a suite is told.")},
            "MsgType": {**text, "const": "event"},
            "Event": family,
            "InfoType": {**family, **told("`Event`, where a suite is told.")},
        }
        required = []
        if event.change:
            envelope["ChangeType"] = {"type": "string", "const": event.change}
            required = ["ChangeType"]
        return {
            **own,
            "properties": {**envelope, **own.get("properties", {})},
            "required": [*required, *own.get("required", [])],
            **presence([["Event", "InfoType"]], []),
            "xml": {"name": "xml"},
        }

    def encrypted(self) -> Data:
        text = {"type": "string"}
        return {
            "type": "object",
            **self.described(
                "The body of a callback as it comes; `Encrypt` holds the message, encrypted with the EncodingAESKey."
            ),
            "properties": {"ToUserName": text, "AgentID": text, "Encrypt": text},
            "required": ["ToUserName", "Encrypt"],
            "xml": {"name": "xml"},
        }


def names(group: Iterable[str]) -> str:
    return ", ".join(f"`{each}`" for each in group)


def presence(any_of: Sequence[Sequence[str]], one_of: Sequence[Sequence[str]]) -> Data:
    """Which properties must be there, in words that keep an object one class.

    Generators make a class of each branch of an `anyOf`, or lose the fields; they pass over a `not`.
    """
    found: Data = {}
    wrong = [absent(group) for group in (*any_of, *one_of)]
    wrong += [{"required": pair} for group in one_of for pair in map(list, combinations(group, 2))]
    if wrong:
        found["not"] = wrong[0] if len(wrong) == 1 else {"anyOf": wrong}
    if any_of:
        found["x-any-of"] = any_of
    if one_of:
        found["x-one-of"] = one_of
    return found


def absent(group: Iterable[str]) -> Data:
    # `false` would say the same, and is a schema that not every tool reads.
    return {"properties": {name: {"not": {}} for name in group}}


def bounds(field: Field, words: Mapping[str, str]) -> Data:
    return {word: field.limits[name] for name, word in words.items() if name in field.limits}


def nullable(schema: Data) -> Data:
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    if "type" not in schema:
        return schema  # anything, null too
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    found = {**schema, "type": [*types, "null"]}
    if "enum" in schema:
        found["enum"] = [*schema["enum"], None]
    return found


class Operations:
    """Calls and events as OpenAPI has them."""

    def __init__(self, reference: Reference, schemas: Schemas) -> None:
        self.reference = reference
        self.schemas = schemas
        self.worded = schemas.worded

    def paths(self) -> Data:
        found: Data = {}
        for call in self.reference.calls():
            found.setdefault(call.path, {})[call.method.lower()] = self.operation(call)
        return found

    def operation(self, call: reference.Call) -> Data:
        in_query = call.method == "GET" or call.upload
        found: Data = {
            "operationId": call.name.replace(".", "_"),
            "tags": [call.resource],
            "summary": call.title,
            "description": self.description(call),
            "externalDocs": {"url": call.link},
            "security": [{call.token: []}],
            "x-call": call.name,
            "x-readonly": call.readonly,
        }
        if call.deprecated:
            found["deprecated"] = True
        if call.serial:
            found["x-serial"] = True
        if call.paging:
            found["x-paging"] = self.paging(call)
        if call.partial:
            found["x-partial"] = [self.partial(call, each) for each in call.partial]
        if call.errors:
            found["x-errors"] = list(call.errors)
        if in_query:
            given = call.example.request or {}
            parameters = [
                self.parameter(each, given) for each in call.request if each.name != call.upload
            ]
            found |= {"parameters": parameters} if parameters else {}
        if call.upload:
            found["requestBody"] = self.upload(call)
        elif not in_query:
            content: Data = {"schema": self.schemas.ref(call.request_class)}
            if call.example.request is not None:
                content["example"] = call.example.request
            found["requestBody"] = {"required": True, "content": {"application/json": content}}
        found["responses"] = {"200": self.response(call)}
        return found

    def description(self, call: reference.Call) -> str:
        parts = [call.doc]
        if call.deprecated:
            parts.append(self.worded("Deprecated: {}", call.deprecated))
        if call.serial:
            parts.append(self.worded("WeCom forbids parallel calls."))
        if call.notes:
            parts.append("\n".join(f"- {note}" for note in call.notes))
        return "\n\n".join(parts)

    def paging(self, call: reference.Call) -> Data:
        """The words of paging, by names on the wire."""
        assert call.paging is not None
        wire = {each.name: each.wire for each in (*call.request, *call.reply)}
        words = {name: getattr(call.paging, name) for name in PAGING}
        return {"style": call.paging.style} | {
            name: wire[each] for name, each in words.items() if each
        }

    def partial(self, call: reference.Call, partial: reference.Partial) -> Data:
        """Where failures are told, by names on the wire."""
        path: list[str] = []
        fields = call.reply
        for part in partial.items.split("."):
            field = next(each for each in fields if each.name == part)
            path.append(field.wire)
            fields = self.schemas.fields_of(field.type) if field.kind == "record" else ()
        found = {"items": ".".join(path)}
        if partial.code:
            found["code"] = next(each.wire for each in fields if each.name == partial.code)
        return found

    def parameter(self, field: Field, given: Mapping[str, Any]) -> Data:
        schema = self.schemas.field(field)
        text = schema.pop("description", "")
        found = {"name": field.wire, "in": "query", **described(text)}
        if not field.optional:
            found["required"] = True
        if schema.pop("deprecated", False):
            found["deprecated"] = True
        if field.many:  # joined by commas
            found |= {"style": "form", "explode": False}
        found["schema"] = schema
        if field.wire in given:
            found["example"] = given[field.wire]
        return found

    def upload(self, call: reference.Call) -> Data:
        files = [each for each in call.request if each.name == call.upload]
        schema = self.schemas.object(files, "")
        return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}

    def response(self, call: reference.Call) -> Data:
        refusal = self.schemas.ref(REFUSAL)
        known = [self.reference.error(code) for code in call.errors]
        lines = [f"- `{each.code}` {each.title}: {each.doc} {each.advice}" for each in known]
        if call.download:
            content: Data = {
                "application/octet-stream": {"schema": SCALARS["file"]},
                "application/json": {"schema": refusal},
            }
            text = self.worded("The file, of any content type, or JSON with the code of a refusal.")
        else:
            done = self.schemas.ref(call.reply_class or DONE)
            media: Data = {"schema": {"anyOf": [done, refusal]}}
            if call.example.reply is not None:
                media["example"] = call.example.reply
            content = {"application/json": media}
            text = self.worded("`errcode` is 0, or the code of a refusal.")
        return {"description": "\n".join([text, "", *lines]).strip(), "content": content}

    # Events

    def webhooks(self) -> Data:
        return {each.name: {"post": self.webhook(each)} for each in self.reference.events()}

    def webhook(self, event: reference.Event) -> Data:
        notes = ["\n".join(f"- {note}" for note in event.notes)] if event.notes else []
        media: Data = {"schema": self.schemas.ref(event.name)}
        if event.example:
            media["example"] = event.example
        return {
            "operationId": f"on_{event.name}",
            "tags": ["events"],
            "summary": event.title,
            "description": "\n\n".join([event.doc, *notes]),
            "externalDocs": {"url": event.link},
            "security": [],
            "x-encrypted": self.schemas.ref(ENCRYPTED)["$ref"],
            "x-match": {"Event": event.family}
            | ({"ChangeType": event.change} if event.change else {}),
            "parameters": [
                {"name": name, "in": "query", "required": True, "schema": {"type": "string"}}
                for name in ("msg_signature", "timestamp", "nonce")
            ],
            "requestBody": {
                "required": True,
                "description": self.worded(
                    "The message after decryption; what comes is an `EncryptedMessage`."
                ),
                "content": {"application/xml": media},
            },
            "responses": {
                "200": {
                    "description": self.worded(
                        "Heard. WeCom repeats what is not answered within 5 seconds."
                    )
                }
            },
        }


PAGING = ("items", "cursor", "next", "total", "until")
