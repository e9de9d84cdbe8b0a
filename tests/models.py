"""A hypothesis strategy for every class of the SDK, derived from the class itself."""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from attrs import evolve, fields
from hypothesis import strategies as st
from wecom_contact import catalog, codec
from wecom_contact._runtime.model import BEIJING, BESIDE, Model, OpenInt, OpenStr, Unknown
from wecom_contact._runtime.shapes import tags_of
from wecom_contact.codec import Shape, contents, is_enum, is_model, tagged, wire_fields

TEXT = st.text(max_size=12)
WHOLE = st.integers(-(2**53), 2**53)
JSON = st.recursive(
    st.none() | st.booleans() | WHOLE | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: WHOLE,
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    datetime: st.integers(1, 4_000_000_000).map(lambda s: datetime.fromtimestamp(s, BEIJING)),
    Any: JSON.filter(lambda value: value is not None),
}


def value(shape: Shape) -> st.SearchStrategy[Any]:
    one = single(shape.inner)
    whole = st.lists(one, max_size=3) if shape.many else one
    return st.none() | whole if shape.optional else whole


def single(inner: Any) -> st.SearchStrategy[Any]:
    held = contents(inner)
    if held is not None:
        kind, item = held
        inside = value(item)
        return (
            st.lists(inside, max_size=2)
            if kind is list
            else st.dictionaries(TEXT, inside, max_size=2)
        )
    union = tagged(inner)
    if union is not None:
        strangers = st.builds(
            Unknown, st.just("brand_new"), st.dictionaries(TEXT, WHOLE, max_size=2)
        )
        return st.one_of(
            strangers, *(payloads(*each, union.tag) for each in tags_of(union).items())
        )
    if is_model(inner):
        return nested(inner)
    if is_enum(inner):
        known = st.sampled_from(list(inner))
        if issubclass(inner, OpenInt):
            return known | st.integers(900, 999).map(inner)
        assert issubclass(inner, OpenStr)
        return known | st.just(inner("brand_new"))
    return SCALARS[inner]


def payloads(payload: Any, tags: Collection[Any], tag_key: str) -> st.SearchStrategy[Any]:
    """Variants of a union; where several tags have one class, it tells its tag."""
    if len(tags) == 1:
        # What a union inside does not know is unknown to the one around it.
        return single(payload).filter(lambda value: not isinstance(value, Unknown))
    (name,) = (attribute.name for attribute, key, _ in wire_fields(payload) if key == tag_key)
    return st.builds(evolve_to, nested(payload), st.just(name), st.sampled_from(list(tags)))


def evolve_to(model: Any, name: str, value: Any) -> Any:
    return evolve(model, **{name: value})


@cache
def models(cls: type[Model]) -> st.SearchStrategy[Any]:
    """Instances of a class, with unknown fields now and then."""
    known = {BESIDE} | {key for _, key, _ in wire_fields(cls)}
    flat = any(shape.wire.flat for _, _, shape in wire_fields(cls))
    # What stands beside a flat union belongs to it.
    most = 0 if flat else 2
    extra = st.dictionaries(TEXT.filter(lambda key: key not in known), WHOLE, max_size=most)
    arguments = {attribute.name: value(shape) for attribute, _, shape in wire_fields(cls)}
    return st.builds(cls, **arguments, extra=extra)


@cache
def nested(cls: type[Model]) -> st.SearchStrategy[Any]:
    """The same where a record is in another, which may be one of its own class."""
    return st.deferred(lambda: models(cls))


def is_upload(cls: type[Model]) -> bool:
    return len(list(wire_fields(cls))) + 1 < len(fields(cls))


def classes() -> list[type[Model]]:
    """Every request and reply of the catalog that is plain data."""
    found: list[type[Model]] = []
    for endpoint in catalog.CALLS.values():
        if not endpoint.upload:
            found.append(endpoint.call)
        if isinstance(endpoint.result, type) and issubclass(endpoint.result, Model):
            found.append(endpoint.result)
    return found


__all__ = ["classes", "codec", "models"]
