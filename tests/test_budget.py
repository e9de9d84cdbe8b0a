"""What the SDK may cost, in things that can be counted: no clock, so no bad day. Times are in bench/."""

import gc
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from functools import partial
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any

import orjson
import pytest
import wecom_contact
from wecom_contact import Client, codec
from wecom_contact._runtime.values import Record
from wecom_contact.contact_way import ContactWayAdd, ContactWayType, Scene
from wecom_contact.customer import CustomerBatchGetResult

ROOT = Path(__file__).parent.parent
GENERATED = Path(wecom_contact.__file__).parent.parent

THIRD_PARTIES = "import attrs, cattrs, orjson, urllib3"
CLIENT = "import wecom_contact; client = wecom_contact.Client('ww1', 'secret')"


def loaded(program: str, before: str = "pass") -> set[str]:
    """The modules that a program imports, in a process of its own, beyond those it had before."""
    whole = f"""
import sys, json
{before}
had = set(sys.modules)
{program}
print(json.dumps(sorted(set(sys.modules) - had)))
"""
    done = subprocess.run(
        [sys.executable, "-c", whole],
        cwd=GENERATED,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return set(json.loads(done.stdout))


def foreign(modules: set[str]) -> set[str]:
    """The packages among them that are neither ours nor Python's."""
    return (
        {name.partition(".")[0] for name in modules} - sys.stdlib_module_names - {"wecom_contact"}
    )


def test_importing_the_package_imports_nothing_else() -> None:
    assert loaded("import wecom_contact") == {"wecom_contact"}


def test_a_client_imports_what_it_needs() -> None:
    modules = loaded(CLIENT, THIRD_PARTIES)
    assert foreign(modules) == set()
    standard = {name for name in modules if not name.startswith("wecom_contact")}
    assert len(standard) <= 4, sorted(standard)
    own = modules - standard
    assert len(own) <= 32, sorted(own)
    resources = {f"wecom_contact.{name.partition('.')[0]}" for name in wecom_contact.catalog.CALLS}
    assert not own & (resources | {"wecom_contact.events", "wecom_contact.callback"})


def test_the_first_resource_imports_itself_and_the_shared_types() -> None:
    modules = loaded("client.customer", CLIENT)
    assert modules <= {"wecom_contact.customer", "wecom_contact.types"}


CORE_ONLY = """
import sys
for each in ("aiohttp", "yarl", "cryptography", "redis", "werkzeug", "pytest"):
    sys.modules[each] = None  # as if it were not installed
import wecom_contact
"""


def says(program: str) -> str:
    """What a program prints that has nothing but a core install."""
    done = subprocess.run(
        [sys.executable, "-c", CORE_ONLY + program],
        cwd=GENERATED,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
    )
    return done.stdout.strip()


LOOKS = {
    "a star import": "exec('from wecom_contact import *', names := {})",
    "inspect": "import inspect; names = dict(inspect.getmembers(wecom_contact))",
    "dir": "names = [each for each in dir(wecom_contact) if hasattr(wecom_contact, each)]",
    "each by itself": "names = {}; [exec(f'from wecom_contact import {each}', names) "
    "for each in wecom_contact.__all__]",
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_a_core_install_has_every_public_name(look: str) -> None:
    assert (
        says(f"{look}; print([each for each in wecom_contact.__all__ if each not in names])")
        == "[]"
    )


def test_help_works_on_a_core_install() -> None:
    text = says("import pydoc; print(pydoc.plain(pydoc.render_doc(wecom_contact)))")
    assert "class Client(" in text
    assert 'AsyncClient needs aiohttp: pip install "wecom-contact[async]"' in text


EXTRAS = {
    "AsyncClient('ww1', 'secret')": 'pip install "wecom-contact[async]"',
    "AsyncPager[int, str](None, None)": 'pip install "wecom-contact[async]"',
    "RedisStore('redis://localhost')": 'pip install "wecom-contact[redis]"',
    "AsyncRedisStore('redis://localhost')": 'pip install "wecom-contact[redis]"',
    "RedisLimiter('redis://localhost')": 'pip install "wecom-contact[limits]"',
    "AsyncRedisLimiter('redis://localhost')": 'pip install "wecom-contact[limits]"',
    "Callback('t', 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C', 'ww1')": (
        "pip install 'wecom-contact[callback]'"
    ),
}


@pytest.mark.parametrize("make", EXTRAS)
def test_what_needs_an_extra_says_which(make: str) -> None:
    last = says(f"wecom_contact.{make}").splitlines()[-1]
    assert last.startswith("ImportError: ")
    assert last.endswith(EXTRAS[make])


def test_an_extra_that_is_installed_meanwhile_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = wecom_contact.AsyncPager
    monkeypatch.delitem(vars(wecom_contact), "AsyncPager")
    with monkeypatch.context() as missing:
        missing.setitem(sys.modules, "wecom_contact._runtime.async_driver", None)
        stand_in = wecom_contact.AsyncPager
        assert stand_in is not real
        assert stand_in[int, str] is stand_in
        with pytest.raises(ImportError, match="async_driver"):
            stand_in(None, None)
    assert wecom_contact.AsyncPager is real


def test_a_broken_core_install_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(vars(wecom_contact), "MemoryStore", raising=False)
    monkeypatch.setitem(sys.modules, "wecom_contact.stores", None)
    with pytest.raises(ImportError, match="stores"):
        hasattr(wecom_contact, "MemoryStore")


def test_a_wrong_name_is_told_with_the_right_one() -> None:
    said = says("wecom_contact.Clinet").splitlines()[-1]
    assert said.startswith("AttributeError: module 'wecom_contact' has no attribute 'Clinet'")
    assert said.endswith("Did you mean: 'Client'?")


def test_a_checkout_that_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.version", nowhere)
    assert not hasattr(wecom_contact, "__version__")


def test_the_async_client_does_without_the_sync_one() -> None:
    modules = loaded("import wecom_contact; wecom_contact.AsyncClient('ww1', 'secret')")
    assert not {"urllib3", "wecom_contact._runtime.sync_driver"} & modules


def test_callbacks_do_without_clients() -> None:
    key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
    modules = loaded(f"import wecom_contact; wecom_contact.Callback('t', '{key}', 'ww1')")
    assert not {"urllib3", "aiohttp", "wecom_contact._runtime.flow"} & modules


def test_records_inherit_what_attrs_would_compile_for_each() -> None:
    classes = [getattr(wecom_contact, name) for name in wecom_contact.__all__]
    records = [each for each in classes if isinstance(each, type) and issubclass(each, Record)]
    assert len(records) > 300
    costly = {"__eq__", "__ne__", "__hash__", "__repr__"}
    assert [each for each in records if costly & vars(each).keys()] == []


def test_the_wheel_is_small(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    # The classes are a half of it; the reference in two languages and the applications are the other.
    assert wheel.stat().st_size <= 700_000
    with zipfile.ZipFile(wheel) as content:
        strange = [
            each.filename
            for each in content.infolist()
            if not each.filename.startswith(("wecom_contact/", "wecom_contact-"))
        ]
    assert strange == []


def calls_of(action: Callable[[], object]) -> int:
    """How many Python functions of ours an action calls."""
    names: list[str] = []

    def count(frame: FrameType, event: str, _: object) -> None:
        file = frame.f_code.co_filename
        if event == "call" and ("wecom_contact" in file or file.startswith("<codec")):
            names.append(frame.f_code.co_name)

    action()  # compiles what is to be compiled
    sys.setprofile(count)
    try:
        action()
    finally:
        sys.setprofile(None)
    return len(names)


def customers(count: int) -> dict[str, Any]:
    one = {
        "external_contact": {"external_userid": "wo1", "name": "李四", "type": 1, "gender": 1},
        "follow_info": {
            "userid": "zhangsan",
            "remark": "",
            "description": "",
            "createtime": 1_525_779_812,
            "tag_id": ["et1"],
            "add_way": 1,
        },
    }
    return {"external_contact_list": [one] * count, "next_cursor": "c"}


def test_decoding_a_page_calls_no_function_for_each_record() -> None:
    def decoding(count: int) -> int:
        page = customers(count)
        return calls_of(lambda: codec.structure(page, CustomerBatchGetResult))

    assert decoding(10) == decoding(100) <= 5


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client whose pool answers at once, page after page."""
    # Without spans, which other tests may have brought in.
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", None)
    client = Client("ww1", "secret", base_url="http://127.0.0.1:1")
    number = 0

    def urlopen(method: str, target: str, *_: object, **__: object) -> Any:
        nonlocal number
        number += 1
        reply = {
            "errcode": 0,
            "errmsg": "ok",
            "access_token": "t",
            "expires_in": 7200,
            "config_id": "c",
        }
        if "get_by_user" in target:
            reply = customers(1) | {"errcode": 0, "errmsg": "ok", "next_cursor": str(number)}
        # Builtins, which are not counted: the library's own calls are another matter.
        body = orjson.dumps(reply)
        return SimpleNamespace(
            status=200,
            headers={},
            length_remaining=len(body),
            read=partial(bytes, body),
            close=dict,
        )

    monkeypatch.setattr(client._pool, "urlopen", urlopen)
    client._engine.telemetry.active = False  # another test may have loaded OpenTelemetry
    return client


def test_a_call_is_few_function_calls(client: Client) -> None:
    call = ContactWayAdd(type=ContactWayType.SINGLE, scene=Scene.QR_CODE, user=["zhangsan"])
    assert calls_of(lambda: client.send(call)) <= 29


def test_a_walk_holds_one_page_and_a_mark_for_each(client: Client) -> None:
    walk = iter(client.customer.batch_get(userid_list=["zhangsan"]))

    def held_after(pages: int) -> int:
        for _ in range(pages):
            next(walk)
        gc.collect()
        return sys.getallocatedblocks()

    start = held_after(200)
    assert held_after(1000) - start <= 1500
