"""From the spec to the IR: every name looked up, every default filled.

The only file that knows both.
"""

from collections.abc import Mapping
from typing import Any

from codegen import ir
from codegen.hints import type_hint
from codegen.problems import Problem, SpecError, Where
from codegen.spec import TOKENS, CallSpec, EventSpec, FieldSpec, Spec, TypeSpec
from codegen.vocabulary import SCALARS

GOES_WITH = {
    "any_of": "fields",
    "one_of": "fields",
    "limits": "alias",
    "common": "union",
    "variants": "union",
}
"""Which key of a type needs which other."""


def resolve(spec: Spec) -> ir.Api:
    """Understand a spec; raises `SpecError` with every name that leads nowhere."""
    return Resolver(spec).api()


class Resolver:
    """Looks names up in all files at once, because a type may be used from any of them."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.problems: list[Problem] = []
        self.specs: dict[str, TypeSpec] = {}
        self.types: dict[str, ir.Type] = {}
        self.open: list[str] = []
        self.payloads: dict[str, str] = {}
        """The union whose common fields a record carries."""
        self.plain: list[tuple[str, Where]] = []
        """Types of fields, and where they are used."""
        self.bare: list[tuple[str, str, Where]] = []
        """Payloads of unions without common fields, their union, and where they are used."""
        self.failed: set[str] = set()
        """Types that could not be built; each is complained of once."""

    def api(self) -> ir.Api:
        files = {name: part.types for name, part in self.spec.shared.items()}
        files |= {name: part.types for name, part in self.spec.resources.items()}
        if self.spec.events:
            files["events"] = self.spec.events.types
        for types in files.values():
            for name, each in types.items():
                if name in self.specs:
                    self.wrong(each.at, f"type {name} is also at {self.specs[name].at}")
                else:
                    self.specs[name] = each
        # A payload carries its union's common fields, so unions come before whatever uses payloads.
        for name, each in self.specs.items():
            if each.common:
                self.type(name)
        modules = [
            ir.Module(at=self.spec.where[name], name=name, title="", doc=shared.doc, page=0,
                      types=self.ordered(shared.types))
            for name, shared in self.spec.shared.items()
        ]  # fmt: skip
        for name, resource in self.spec.resources.items():
            modules.append(
                ir.Module(
                    at=self.spec.where[name],
                    name=name,
                    title=resource.title,
                    doc=resource.doc,
                    page=resource.link,
                    types=self.ordered(resource.types),
                    calls=tuple(self.call(name, *pair) for pair in resource.calls.items()),
                )
            )
        if self.spec.events:
            whole = self.spec.events
            modules.append(
                ir.Module(
                    at=self.spec.where["events"],
                    name="events",
                    title=whole.title,
                    doc=whole.doc,
                    page=whole.link,
                    types=self.ordered(whole.types),
                    events=tuple(self.event(*pair) for pair in whole.events.items()),
                )
            )
        errors = tuple(
            ir.ErrorCode(
                at=each.at, code=code, cls=cls, title=each.title, doc=each.doc, advice=each.advice
            )
            for cls, codes in self.spec.errors.items()
            for code, each in codes.items()
        )
        for name, at in self.plain:
            if name in self.payloads:
                self.wrong(
                    at,
                    f"{name} is a payload of {self.payloads[name]} and carries its common fields; "
                    "a field needs a record of its own",
                )
        for name, union, at in self.bare:
            if name in self.payloads:
                self.wrong(
                    at,
                    f"{name} is a payload of {self.payloads[name]} and carries its common fields; "
                    f"{union} needs a record of its own",
                )
        if self.problems:
            raise SpecError(self.problems)
        return ir.Api(modules=tuple(modules), errors=errors, package=self.package())

    def package(self) -> ir.Package | None:
        spec = self.spec.package
        if spec is None:
            return None
        return ir.Package(
            at=spec.at,
            name=spec.name,
            title=spec.title,
            api=spec.api,
            link=spec.link,
            base_url=spec.base_url.rstrip("/"),
            tokens=spec.tokens,
            surfaces=spec.surfaces,
            readme=spec.readme,
            example=spec.example.rstrip("\n"),
        )

    def wrong(self, where: Where, text: str) -> None:
        self.problems.append(Problem(where, text))

    def ordered(self, types: Mapping[str, TypeSpec]) -> tuple[ir.Type, ...]:
        """The types of a file in their order, but each after those it is made of."""
        found: dict[str, ir.Type] = {}

        def add(each: ir.Type) -> None:
            if each.name in types and each.name not in found:
                for inner in ir.needs(each):
                    add(inner)
                found[each.name] = each

        for name in types:
            each = self.type(name)
            if each is not None:
                add(each)
        return tuple(found.values())

    def type(self, name: str) -> ir.Type | None:
        if name in self.types:
            return self.types[name]
        if name in self.failed:
            return None
        spec = self.specs[name]
        if name in self.open:
            circle = " → ".join([*self.open[self.open.index(name) :], name])
            self.wrong(spec.at, f"type {name} is made of itself: {circle}")
            return None
        self.open.append(name)
        built = self.build(name, spec)
        self.open.pop()
        if built is None:
            self.failed.add(name)
        else:
            self.types[name] = built
        return built

    def build(self, name: str, spec: TypeSpec) -> ir.Type | None:
        shapes = {
            "fields": spec.fields is not None,
            "enum": spec.enum is not None,
            "alias": bool(spec.alias),
            "union": bool(spec.union),
        }
        if sum(shapes.values()) != 1:
            given = " and ".join(shape for shape, has in shapes.items() if has)
            has = f"has {given}" if given else "has none of them"
            self.wrong(spec.at, f"type {name} {has}; it needs one of fields, enum, alias, union")
            return None
        for word, owner in GOES_WITH.items():
            given = getattr(spec, word)
            if given and not shapes[owner]:
                what = " and ".join(given) if word == "limits" else word
                self.wrong(spec.at, f"type {name} has {what}, which goes with {owner}")
        at, doc = spec.at, spec.doc
        if spec.fields is not None:
            return ir.Record(at=at, name=name, doc=doc, fields=self.fields(spec.fields),
                             any_of=spec.any_of, one_of=spec.one_of)  # fmt: skip
        if spec.enum is not None:
            values = tuple(
                ir.Value(at=each.at, name=key, value=each.value, doc=each.doc)
                for key, each in spec.enum.items()
            )
            return ir.Enum(at=at, name=name, doc=doc, values=values)
        if spec.alias:
            return ir.Alias(at=at, name=name, doc=doc, base=spec.alias, limits=spec.limits)
        return self.union(name, spec)

    def union(self, name: str, spec: TypeSpec) -> ir.Union | None:
        common = self.fields(spec.common)
        variants = []
        for tag, each in (spec.variants or {}).items():
            ref = self.ref(each.type, each.at)
            if ref is None or ref.target is None or not isinstance(ref.target, ir.Record):
                if ref is not None:
                    self.wrong(each.at, f"variant {tag} of {name} is {each.type}, not a record")
                continue
            record = ref.target
            if common:
                if record.name in self.payloads:
                    self.wrong(
                        each.at,
                        f"{record.name} is already a payload of {self.payloads[record.name]}; "
                        "where a union has common fields, each variant has a record of its own",
                    )
                    continue
                self.payloads[record.name] = name
                # The payload's class carries the common fields, so that a variant is one object.
                record = ir.Record(at=record.at, name=record.name, doc=record.doc,
                                   fields=(*common, *record.fields), any_of=record.any_of,
                                   one_of=record.one_of)  # fmt: skip
                self.types[record.name] = record
            else:
                self.bare.append((record.name, name, each.at))
            variants.append(ir.Variant(tag=tag, key=each.key or str(tag), record=record))
        return ir.Union(at=spec.at, name=name, doc=spec.doc, tag=spec.union,
                        common=tuple(each.wire for each in common), variants=tuple(variants))  # fmt: skip

    def ref(self, written: Any, at: Where) -> ir.Ref | None:
        many = isinstance(written, (list, tuple))
        if many and len(written) != 1:
            self.wrong(at, f"{list(written)!r} is not a type; a list is [Name]")
            return None
        name = written[0] if many else written
        if not isinstance(name, str):
            self.wrong(at, f"{written!r} is not a type; a type is Name, a list of it [Name]")
            return None
        if name in SCALARS:
            return ir.Ref(name=name, many=many, target=None)
        if name not in self.specs:
            hint = type_hint(name, [*self.specs, *SCALARS])
            self.wrong(at, f"unknown type {name!r}; {hint}" if hint else f"unknown type {name!r}")
            return None
        target = self.type(name)
        return None if target is None else ir.Ref(name=name, many=many, target=target)

    def fields(self, specs: Mapping[str, FieldSpec]) -> tuple[ir.Field, ...]:
        return tuple(self.field(*pair) for pair in specs.items()) if specs else ()

    def field(self, written: str, spec: FieldSpec) -> ir.Field:
        name = written.removesuffix("?")
        found = self.ref(spec.type, spec.at)
        if found is not None:
            self.plain.append((found.name, spec.at))
        ref = found or ir.Ref(name="any", many=False, target=None)
        inherited = ref.target.limits if isinstance(ref.target, ir.Alias) else {}
        return ir.Field(
            at=spec.at,
            name=name,
            wire=spec.wire or name,
            item=spec.item,
            ref=ref,
            optional=written.endswith("?"),
            doc=spec.doc,
            limits={**inherited, **spec.limits},
            default=spec.default,
            deprecated=spec.deprecated,
            secret=spec.secret,
            example=spec.example,
            also=spec.also,
        )

    def call(self, resource: str, name: str, spec: CallSpec) -> ir.Call:
        method, _, path = spec.call.partition(" ")
        readonly = spec.readonly if spec.readonly is not None else method == "GET"
        paging = None
        if spec.paginate:
            words = spec.paginate
            style: Any = "offset" if words.total else "page" if words.until else "cursor"
            paging = ir.Paging(
                at=words.at,
                style=style,
                items=words.items,
                cursor=words.cursor,
                next=words.next or "next_cursor",
                total=words.total,
                until=words.until,
            )
        cls = spec.class_name or ir.camel(resource, name)
        request = ir.Record(at=spec.at, name=cls, doc=spec.doc, fields=self.fields(spec.request),
                            any_of=spec.any_of, one_of=spec.one_of)  # fmt: skip
        response = None
        if spec.response and spec.response != "file":
            fields = self.fields(spec.response)
            response = ir.Record(at=spec.at, name=f"{cls}Result", doc=f"What `{resource}.{name}` returns.",
                                 fields=fields)  # fmt: skip
        example = spec.example
        return ir.Call(
            at=spec.at,
            resource=resource,
            name=name,
            cls=cls,
            title=spec.title,
            doc=spec.doc,
            notes=spec.notes,
            page=spec.link,
            method="GET" if method == "GET" else "POST",
            path=path,
            readonly=readonly,
            explicit_readonly=spec.readonly is not None,
            token=self.token(name, spec),
            serial=spec.serial,
            mass=spec.mass,
            paging=paging,
            partial=tuple(
                ir.Partial(at=each.at, items=each.items, code=each.code) for each in spec.partial
            ),
            request=request,
            response=response,
            download=spec.response == "file",
            errors=spec.errors,
            deprecated=spec.deprecated,
            example_request=example.request if example else None,
            example_response=example.response if example else None,
        )

    def token(self, name: str, spec: CallSpec) -> str:
        package = self.spec.package
        known = TOKENS if package is None else package.tokens
        kind = spec.token or next(iter(known), "")
        if known and kind not in known:  # none at all is a finding of its own
            self.wrong(
                spec.at, f"{name}: token {kind!r} is not one of package.yaml's: {', '.join(known)}"
            )
        return known.get(kind, kind)

    def event(self, name: str, spec: EventSpec) -> ir.Event:
        return ir.Event(
            at=spec.at,
            name=name,
            title=spec.title,
            doc=spec.doc,
            notes=spec.notes,
            page=spec.link,
            family=spec.match.Event,
            change=spec.match.ChangeType,
            fields=self.fields(spec.fields),
        )
