"""From the spec to the IR: every name looked up, every default filled.

The only file that knows both.
"""

import keyword
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from attrs import evolve

from codegen import ir
from codegen.hints import type_hint
from codegen.problems import Problem, SpecError, Where
from codegen.spec import TOKENS, CallSpec, EventSpec, FieldSpec, PaginateSpec, Spec, TypeSpec
from codegen.vocabulary import SCALARS

GOES_WITH = {
    "any_of": "fields",
    "one_of": "fields",
    "limits": "alias",
    "pattern": "alias",
    "flat": "union",
    "common": "union",
    "variants": "union",
}
"""Which key of a type needs which other."""
APPS = {
    "all": (),
    "own": ("Only the company's own apps (自建应用) may call this.",),
    "providers": (
        "Only apps that a service provider made (第三方应用、代开发应用) may call this.",
    ),
}
"""What to tell of whose apps may make a call."""


def resolve(spec: Spec) -> ir.Api:
    """Understand a spec; raises `SpecError` with every name that leads nowhere."""
    return Resolver(spec).api()


class Resolver:
    """Looks names up in all files at once, because a type may be used from any of them."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.problems: list[Problem] = []
        self.specs: dict[str, TypeSpec] = {}
        self.types: dict[str, ir.Type | None] = {}
        """By name; None for what could not be built, which is complained of once."""
        self.reach: dict[str, Collection[str]] = {}
        self.open: list[str] = []
        self.payloads: dict[str, str] = {}
        """The union whose common fields a record carries."""
        self.disputed: set[str] = set()
        """Records of which two unions want that."""
        self.plain: list[tuple[str, Where]] = []
        """Types of fields, and where they are used."""
        self.parts: list[tuple[str, str, Where]] = []
        """Payloads, the unions that have them, and where these say so."""
        self.waiting: list[ir.Ref] | None = []
        """References of fields to types that may not be there yet; None when all are."""

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
        # A payload carries its union's common fields, so its record is what the unions make of it.
        for name in sorted(self.specs, key=lambda name: not self.specs[name].union):
            self.type(name)
        # A type may be inside itself, so fields find theirs when all are there.
        for ref in self.waiting or ():
            object.__setattr__(ref, "target", self.types.get(ref.name))
        self.waiting = None
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
        for name, union, at in self.parts:
            if self.payloads.get(name, union) != union and name not in self.disputed:
                self.wrong(
                    at,
                    f"{name} is a payload of {self.payloads[name]} and carries its common fields; "
                    f"{union} needs a record of its own",
                )
        for name, at in self.plain:
            if name in self.payloads:
                self.wrong(
                    at,
                    f"{name} is a payload of {self.payloads[name]} and carries its common fields; "
                    "a field needs a record of its own",
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
                    # In a circle a record comes first: it can name what comes later.
                    if isinstance(each, ir.Union) or each.name not in self.inside(inner):
                        add(inner)
                found[each.name] = each

        for name in types:
            each = self.type(name)
            if each is not None:
                add(each)
        return tuple(found.values())

    def inside(self, each: ir.Type) -> Collection[str]:
        """The names of a type and of all that it is made of."""
        if each.name not in self.reach:
            self.reach[each.name] = {each.name, *ir.reach(each)}
        return self.reach[each.name]

    def type(self, name: str) -> ir.Type | None:
        if name in self.types:
            return self.types[name]
        spec = self.specs[name]
        if name in self.open:
            circle = " → ".join([*self.open[self.open.index(name) :], name])
            self.wrong(spec.at, f"type {name} is made of itself: {circle}")
            return None
        self.open.append(name)
        built = self.build(name, spec)
        self.open.pop()
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
            return ir.Alias(at=at, name=name, doc=doc, base=spec.alias, limits=spec.limits,
                            pattern=spec.pattern)  # fmt: skip
        return self.union(name, spec)

    def union(self, name: str, spec: TypeSpec) -> ir.Union | None:
        common = self.fields(spec.common)
        variants: list[ir.Variant] = []
        places: dict[str, Where] = {}
        for tag, each in (spec.variants or {}).items():
            ref = self.ref(each.type, each.at)
            if ref is None:
                continue
            if not isinstance(ref.target, ir.Record | ir.Union):
                self.wrong(
                    each.at, f"variant {tag} of {name} is {each.type}, not a record or a union"
                )
                continue
            if spec.flat and each.key:
                self.wrong(each.at, f"{name} is flat: variant {tag} has no payload under a key")
            key = "" if spec.flat else each.key or str(tag)
            variants.append(ir.Variant(tag=tag, key=key, record=ref.target))
            places.setdefault(ref.target.name, each.at)
        union = ir.Union(at=spec.at, name=name, doc=spec.doc, tag=spec.union, common=(),
                         variants=tuple(variants), flat=spec.flat)  # fmt: skip
        self.parts += [(payload, name, at) for payload, at in places.items()]
        tags: dict[str, list[int | str]] = {}
        for variant in variants:
            tags.setdefault(variant.record.name, []).append(variant.tag)
        # The payload's class carries the common fields, so that a variant is one object; and the
        # tag, where that is not told by the class.
        taken = set() if spec.flat else {x.wire for each in union.records for x in each.fields}
        common = tuple(
            evolve(each, wire=ir.apart(each.wire, taken), apart=each.wire in taken)
            for each in common
        )
        carriers: dict[str, ir.Record | ir.Union] = {}
        for payload in union.payloads:
            fields = common
            if len(tags[payload.name]) > 1:
                fields = (self.tag_field(union, tags[payload.name]), *common)
            carriers[payload.name] = payload
            if fields:
                carrier = self.carry(union, payload, fields, places[payload.name])
                carriers[payload.name] = carrier
        return evolve(
            union,
            common=() if spec.flat else tuple(each.wire for each in common),
            variants=tuple(evolve(each, record=carriers[each.record.name]) for each in variants),
        )

    def carry(
        self,
        union: ir.Union,
        payload: ir.Record | ir.Union,
        fields: tuple[ir.Field, ...],
        at: Where,
    ) -> ir.Record | ir.Union:
        """A payload with the fields that stand beside it; it belongs to the one union then."""
        if payload.name in self.payloads:
            other = self.payloads[payload.name]
            self.disputed.add(payload.name)
            self.wrong(
                at,
                f"{payload.name} is already a payload of {other}; where a union has common fields, "
                "or several tags of one record, its payloads are its own",
            )
            return payload
        self.payloads[payload.name] = union.name
        carrier: ir.Record | ir.Union
        if isinstance(payload, ir.Record):
            carrier = evolve(payload, fields=(*fields, *payload.fields))
        else:
            inner = {}
            for each in payload.payloads:
                if self.payloads.get(each.name) == payload.name:
                    del self.payloads[each.name]
                inner[each.name] = self.carry(payload, each, fields, payload.at)
            carrier = evolve(
                payload,
                variants=tuple(
                    evolve(each, record=inner[each.record.name]) for each in payload.variants
                ),
            )
        self.types[payload.name] = carrier
        return carrier

    def tag_field(self, union: ir.Union, tags: Sequence[int | str]) -> ir.Field:
        """The field of a record that tells its tag, as several have it."""
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", union.tag).lower()
        kind = "str" if isinstance(tags[0], str) else "int"
        ref = ir.Ref(name=kind, many=False, target=None)
        return ir.Field(
            at=union.at, name=f"{name}_" if keyword.iskeyword(name) else name, wire=union.tag,
            item="", ref=ref, optional=False, doc=f"Which variant of `{union.name}` it is.",
            limits={}, default=None, deprecated="", secret=False, example=None, also="",
            choices=tuple(tags),
        )  # fmt: skip

    def ref(self, written: Any, at: Where, field: bool = False) -> ir.Ref | None:
        name, layers = written, []
        while not isinstance(name, str):
            if isinstance(name, list | tuple) and len(name) == 1:
                layers.append(ir.LIST)
                name = name[0]
            elif isinstance(name, dict) and len(name) == 1 and self.is_key(*name):
                layers += name
                (name,) = name.values()
            else:
                shown = list(written) if isinstance(written, tuple) else written
                self.wrong(at, f"{shown!r} is not a type; {self.right(name)}")
                return None
        many = layers[:1] == [ir.LIST]
        layers = layers[1:] if many else layers
        if name in SCALARS:
            return ir.Ref(name=name, many=many, target=None, layers=tuple(layers))
        if name not in self.specs:
            hint = type_hint(name, [*self.specs, *SCALARS])
            self.wrong(at, f"unknown type {name!r}; {hint}" if hint else f"unknown type {name!r}")
            return None
        made_of_others = self.specs[name].fields is not None or self.specs[name].union
        if field and made_of_others and self.waiting is not None:
            ref = ir.Ref(name=name, many=many, target=None, layers=tuple(layers))
            self.waiting.append(ref)
            return ref
        target = self.type(name)
        if target is None:
            return None
        return ir.Ref(name=name, many=many, target=target, layers=tuple(layers))

    def is_key(self, name: str) -> bool:
        """Whether a type can be that of the keys of a map: JSON has texts there."""
        return name == "str" or (name in self.specs and self.specs[name].alias == "str")

    def right(self, part: Any) -> str:
        """What would be a type in the place of what is none."""
        if isinstance(part, dict):
            return "a map is {str: Name}, with an alias of str in its place where there is one"
        if isinstance(part, list | tuple):
            return "a list is [Name]"
        return "a type is Name, a list of it [Name], a map {str: Name}"

    def fields(self, specs: Mapping[str, FieldSpec]) -> tuple[ir.Field, ...]:
        return tuple(self.field(*pair) for pair in specs.items())

    def field(self, written: str, spec: FieldSpec) -> ir.Field:
        name = written.removesuffix("?")
        found = self.ref(spec.type, spec.at, field=True)
        if found is not None:
            self.plain.append((found.name, spec.at))
        ref = found or ir.Ref(name="any", many=False, target=None)
        alias = ref.target if isinstance(ref.target, ir.Alias) else None
        return ir.Field(
            at=spec.at,
            name=name,
            wire=spec.wire or name,
            item=spec.item,
            ref=ref,
            optional=written.endswith("?"),
            doc=spec.doc,
            limits={**(alias.limits if alias else {}), **spec.limits},
            default=spec.default,
            deprecated=spec.deprecated,
            secret=spec.secret,
            example=spec.example,
            also=spec.also,
            flat=spec.flat,
            pattern=spec.pattern or (alias.pattern if alias else ""),
        )

    def call(self, resource: str, name: str, spec: CallSpec) -> ir.Call:
        method, _, path = spec.call.partition(" ")
        readonly = spec.readonly if spec.readonly is not None else method == "GET"
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
            notes=(*APPS[spec.apps], *spec.notes),
            page=spec.link,
            method="GET" if method == "GET" else "POST",
            path=path,
            readonly=readonly,
            explicit_readonly=spec.readonly is not None,
            token=self.token(name, spec),
            apps=spec.apps,
            serial=spec.serial,
            mass=spec.mass,
            paging=self.paging(spec.paginate, request) if spec.paginate else None,
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
        return known.get(kind, "")

    def paging(self, words: PaginateSpec, request: ir.Record) -> ir.Paging:
        cursor = next((each for each in request.fields if each.name == words.cursor), None)
        numbered = cursor is not None and cursor.ref.base == "int"
        style: Any = "cursor"
        if words.total or words.limit or (words.more and numbered and words.next):
            style = "offset"
        elif words.until or (words.more and numbered):
            style = "page"
        return ir.Paging(
            at=words.at,
            style=style,
            items=words.items,
            cursor=words.cursor,
            # An offset needs nobody to tell the next one.
            next=words.next if style == "offset" else words.next or "next_cursor",
            total=words.total,
            until=words.until,
            more=words.more,
            limit=words.limit,
        )

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
