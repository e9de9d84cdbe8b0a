"""What the types of fields look like: taken apart once, for those who read, write or only look at records.

Hand-written: edit codegen/runtime/_runtime/shapes.py.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    ForwardRef,
    Literal,
    NamedTuple,
    TypeGuard,
    Union,
    get_args,
    get_origin,
)

from attrs import Attribute, fields, resolve_types

from .model import Call, Model, OpenInt, OpenStr, SequenceNotStr, Tagged, Wire

AS_NAMED = Wire()
"""A field whose name and type say all."""
LISTS = (list, Sequence, SequenceNotStr)
MAPS = (dict, Mapping)


class Shape(NamedTuple):
    """A field's type."""

    inner: Any
    """The type of a value, or of an item."""
    many: bool
    optional: bool
    wire: Wire

    @classmethod
    def of(cls, annotation: Any, wire: Wire = AS_NAMED) -> "Shape":
        """Take an annotation apart."""
        optional = many = False
        if get_origin(annotation) in (Union, UnionType) and NoneType in get_args(annotation):
            optional = True
            inner = tuple(member for member in get_args(annotation) if member is not NoneType)
            annotation = Union[inner]  # noqa: UP007  (the members are known at run time only)
        if get_origin(annotation) in LISTS:
            many = True
            (annotation,) = get_args(annotation)
        if get_origin(annotation) is Literal:
            # The tag of a record that several tags of a union have.
            annotation = type(get_args(annotation)[0])
        return cls(annotation, many, optional, wire)


def contents(annotation: Any, wire: Wire = AS_NAMED) -> tuple[type, Shape] | None:
    """What a list or a map holds, where one is the type of a value: `list` or `dict`, and the shape inside."""
    origin = get_origin(annotation)
    if origin in LISTS:
        return list, Shape.of(get_args(annotation)[0], wire)
    if origin in MAPS:
        return dict, Shape.of(get_args(annotation)[1], wire)
    return None


def tagged(annotation: Any) -> Tagged | None:
    """The union behind an annotation, if it is one."""
    marks = annotation.__metadata__ if get_origin(annotation) is Annotated else ()
    return next((mark for mark in marks if isinstance(mark, Tagged)), None)


def tags_of(union: Tagged) -> dict[Any, dict[str | int, str | None]]:
    """For each class or union that is a payload its tags, and the payload's key for each."""
    found: dict[Any, dict[str | int, str | None]] = {}
    for tag, (key, payload) in union.variants.items():
        found.setdefault(payload, {})[tag] = key
    return found


def is_enum(annotation: Any) -> TypeGuard[type[OpenInt] | type[OpenStr]]:
    """Whether it is one of our enums."""
    return isinstance(annotation, type) and issubclass(annotation, (OpenInt, OpenStr))


def is_scalar(annotation: Any) -> bool:
    """Whether we decode it ourselves though it is not a record; of enums the codec tells cattrs apart."""
    return annotation is datetime or tagged(annotation) is not None


def is_model(annotation: Any) -> TypeGuard[type[Model]]:
    """Whether it is the class of a record."""
    return isinstance(annotation, type) and issubclass(annotation, Model)


RESOLVED: set[type[Model]] = set()
"""The classes whose annotations have been looked at."""


def resolve(cls: type[Model]) -> None:
    """Find the classes that annotations name in quotes."""
    if cls not in RESOLVED:
        if any(is_quoted(attribute.type) for attribute in fields(cls)):
            resolve_types(cls, include_extras=True)
        RESOLVED.add(cls)


def is_quoted(annotation: Any) -> bool:
    """Whether an annotation names a class in quotes, as that comes later."""
    if isinstance(annotation, (str, ForwardRef)):
        return True
    return get_origin(annotation) is not Literal and any(map(is_quoted, get_args(annotation)))


def wire_fields(cls: type[Model]) -> Iterator[tuple["Attribute[Any]", str, Shape]]:
    """The fields of a class that travel: attribute, wire name, shape; a flat one is known by its tag."""
    resolve(cls)
    upload = cls.endpoint.upload if issubclass(cls, Call) and hasattr(cls, "endpoint") else None
    for attribute in fields(cls):
        if attribute.name not in ("_extra", upload):
            wire = attribute.metadata.get("wire", AS_NAMED)
            shape = Shape.of(attribute.type, wire)
            union = tagged(shape.inner) if wire.flat else None
            key = union.tag if union else wire.name or attribute.name
            yield attribute, key, shape
