"""A call with wrong arguments hears the name of the class that it knows, and the keyword that was probably meant."""

import importlib
import inspect
import pydoc
import traceback
from enum import Enum
from typing import Any

import pytest
from callback_support import AES_KEY, CORP, TOKEN
from wecom_contact import AsyncClient, Client
from wecom_contact.callback import Callback
from wecom_contact.limits import AsyncRedisLimiter, Limit, MemoryLimiter, RedisLimiter

URL = "redis://localhost"
GIVEN: dict[type, tuple[Any, ...]] = {
    Client: ("ww1", "secret-of-mine"),
    AsyncClient: ("ww1", "secret-of-mine"),
    Callback: (TOKEN, AES_KEY, CORP),
    MemoryLimiter: ([Limit(10, 60)],),
    RedisLimiter: (URL, [Limit(10, 60)]),
    AsyncRedisLimiter: (URL, [Limit(10, 60)]),
}
PUBLIC = list(GIVEN)
HOLDING = [Client, AsyncClient, Callback]
"""Those that are given secrets, and inherit their methods from a class of their own."""


def keywords(cls: type) -> list[str]:
    return list(inspect.signature(cls).parameters)


def misspelt(word: str) -> str:
    """The word without a letter in the middle."""
    return word[: len(word) // 2] + word[len(word) // 2 + 1 :]


@pytest.mark.parametrize("cls", PUBLIC)
def test_a_misspelt_keyword_is_told_from_the_one_that_was_meant(cls: type) -> None:
    known = keywords(cls)
    assert len(known) >= 7
    for word in known:
        with pytest.raises(TypeError) as caught:
            cls(*GIVEN[cls], **{misspelt(word): 1})
        assert str(caught.value) == (
            f"{cls.__name__}.__init__() got an unexpected keyword argument {misspelt(word)!r}. "
            f"Did you mean {word!r}?"
        )


@pytest.mark.parametrize("cls", PUBLIC)
def test_a_keyword_like_no_other_is_refused_without_a_guess(cls: type) -> None:
    with pytest.raises(TypeError) as caught:
        cls(*GIVEN[cls], hovercraft=1)
    words = f"{cls.__name__}.__init__() got an unexpected keyword argument 'hovercraft'"
    assert str(caught.value) == words


@pytest.mark.parametrize("cls", PUBLIC)
def test_other_wrong_arguments_are_told_of_the_public_class(cls: type) -> None:
    with pytest.raises(TypeError, match=rf"^{cls.__name__}\.__init__\(\) takes (from )?\d"):
        cls(*GIVEN[cls], *range(20))
    with pytest.raises(TypeError, match=rf"{cls.__name__}\.__init__\(\) got multiple values"):
        cls(*GIVEN[cls], **{keywords(cls)[0]: "ww1"})


def test_every_public_class_with_a_constructor_that_is_inherited_is_here() -> None:
    inherited = set()
    for name in ("", ".callback", ".limits", ".stores", ".testing", ".mirror", ".celery", ".mcp"):
        module = importlib.import_module(f"wecom_contact{name}")
        for exported in module.__all__:
            cls = getattr(module, exported)
            if not isinstance(cls, type) or issubclass(cls, (BaseException, Enum)):
                continue
            if "__init__" not in vars(cls) and inspect.isfunction(cls.__init__):
                inherited.add(cls)
    protocols = {cls for cls in inherited if getattr(cls, "_is_protocol", False)}
    assert inherited - protocols == set(PUBLIC)


def public_methods() -> list[tuple[type, str]]:
    return [
        (cls, name)
        for cls in HOLDING
        for name, value in inspect.getmembers(cls, callable)
        if not name.startswith("_") and inspect.isroutine(value)
    ]


@pytest.mark.parametrize(("cls", "name"), public_methods())
def test_no_method_is_told_of_a_private_class(cls: type, name: str) -> None:
    call: Any = getattr(cls, name)
    needed = [
        parameter
        for parameter in inspect.signature(call).parameters.values()
        if parameter.default is parameter.empty and "VAR" not in parameter.kind.name
    ]
    if name == "from_env":  # whose options are those of the client
        with pytest.raises(TypeError, match=rf"^{cls.__name__}\.__init__\(\) got an unexpected"):
            call(corp_id="ww1", secret="s", hovercraft=1)
        return
    with pytest.raises(TypeError) as caught:
        call(*needed, hovercraft=1)
    said = f"{cls.__name__}.{call.__name__}() got an unexpected keyword argument"
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize("cls", PUBLIC)
def test_what_people_and_tools_read_of_the_arguments_is_whole(cls: type) -> None:
    shown = pydoc.plain(pydoc.render_doc(cls))
    assert "options" not in str(inspect.signature(cls))
    for word in keywords(cls):
        assert f"{word}:" in shown


@pytest.mark.parametrize("cls", HOLDING)
def test_no_argument_stays_in_the_traceback(cls: type) -> None:
    word = keywords(cls)[1]
    for wrong in ({"hovercraft": 1}, {misspelt(keywords(cls)[-1]): 1}, {keywords(cls)[-1]: 1}):
        given = dict(zip(keywords(cls), GIVEN[cls], strict=False)) | wrong
        error = failure(cls, given)
        hidden = given.pop(word)
        link: BaseException | None = error
        while link is not None:
            for frame, _ in traceback.walk_tb(link.__traceback__):
                if frame.f_code.co_filename != __file__:
                    assert hidden not in repr(frame.f_locals)
            link = link.__context__


def failure(cls: type, given: dict[str, Any]) -> Exception:
    try:
        cls(**given)
    except (TypeError, ValueError) as error:
        return error
    raise AssertionError


@pytest.mark.parametrize("cls", [Client, AsyncClient])
def test_a_default_that_is_changed_for_a_test_counts(
    cls: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(cls.__init__.__kwdefaults__, "base_url", "ftp://nowhere")
    with pytest.raises(ValueError, match="base_url"):
        cls("ww1", "secret")


def test_a_subclass_that_hands_arguments_on_is_a_client() -> None:
    class Ours(Client):
        def __init__(self, **options: Any) -> None:
            super().__init__("ww1", "secret", **options)

    with pytest.raises(TypeError, match=r"^Client\.__init__\(\) .* Did you mean 'timeout'"):
        Ours(timout=1)
    with Ours(timeout=1):
        pass


def test_a_type_error_of_an_argument_is_passed_on() -> None:
    class Odd:
        def __str__(self) -> str:
            return "odd"

        @property
        def take(self) -> Any:
            raise TypeError("the argument's own")

    with pytest.raises(TypeError, match="^the argument's own$"):
        Client("ww1", "secret", limiter=Odd())  # type: ignore[arg-type]  # which is the test
