"""A hypothesis strategy for every class of the SDK, derived from the class itself."""

from datetime import datetime
from functools import cache
from typing import Any

from attrs import fields
from hypothesis import strategies as st
from wecom_contact import catalog, codec
from wecom_contact._runtime.model import BEIJING, BESIDE, Model, OpenInt, OpenStr, Unknown
from wecom_contact.codec import Shape, is_enum, is_model, tagged, wire_fields

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
    union = tagged(inner)
    if union is not None:
        strangers = st.builds(
            Unknown, st.just("brand_new"), st.dictionaries(TEXT, WHOLE, max_size=2)
        )
        return st.one_of(strangers, *(models(variant) for _, variant in union.variants.values()))
    if is_model(inner):
        return models(inner)
    if is_enum(inner):
        known = st.sampled_from(list(inner))
        if issubclass(inner, OpenInt):
            return known | st.integers(900, 999).map(inner)
        assert issubclass(inner, OpenStr)
        return known | st.just(inner("brand_new"))
    return SCALARS[inner]


@cache
def models(cls: type[Model]) -> st.SearchStrategy[Any]:
    """Instances of a class, with unknown fields now and then."""
    # What stands beside a union's payload has a place of its own, and is told of where unions are tested.
    known = {BESIDE, *(key for _, key, _ in wire_fields(cls))}
    extra = st.dictionaries(TEXT.filter(lambda key: key not in known), WHOLE, max_size=2)
    arguments = {attribute.name: value(shape) for attribute, _, shape in wire_fields(cls)}
    return st.builds(cls, **arguments, extra=extra)


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
