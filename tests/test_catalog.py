"""The catalog holds every endpoint there is, exactly, and loads only what is asked for."""

import subprocess
import sys
from pathlib import Path

import pytest
import wecom_contact
from wecom_contact import AsyncClient, Client, catalog
from wecom_contact._runtime.model import Call, Model, PagedCall

HERE = Path(__file__).parent


def style(name: str) -> str:
    paginate = catalog.CALLS[name].paginate
    if paginate is None:
        return "none"
    return "offset" if paginate.total else "page" if paginate.until else "cursor"


def test_every_endpoint_is_there() -> None:
    lines = (HERE / "endpoints.txt").read_text("utf-8").splitlines()
    expected = {line for line in lines if not line.startswith("#")}
    ours = {
        f"{each.method} {each.path} {each.page} {style(name)}"
        for name, each in catalog.CALLS.items()
    }
    assert expected <= ours
    assert len(expected) == 120


@pytest.mark.parametrize("name", list(catalog.CALLS))
def test_every_entry_says_all_of_its_call(name: str) -> None:
    entry = catalog.CALLS[name]
    assert entry.name == name
    assert issubclass(entry.call, Call)
    assert entry.call.endpoint is entry
    assert issubclass(entry.call, PagedCall) == (entry.paginate is not None)
    assert entry.doc.endswith(".")
    assert entry.link == f"https://developer.work.weixin.qq.com/document/path/{entry.page}"
    assert any("一" <= character <= "鿿" for character in entry.title)
    assert entry.result is None or entry.download or issubclass(entry.result, Model)
    resource, _, call = name.partition(".")
    for client in (Client, AsyncClient):
        calls = getattr(client(corp_id="ww", secret="s"), resource)
        assert entry.title in getattr(calls, call).__doc__


def test_names_that_are_not_there() -> None:
    with pytest.raises(KeyError):
        catalog.CALLS["contact_way.paint"]
    with pytest.raises(AttributeError, match="no attribute 'ContactWey'"):
        _ = wecom_contact.ContactWey
    with pytest.raises(AttributeError, match="no attribute 'CAILS'"):
        _ = catalog.CAILS
    assert repr(catalog.CALLS) == f"<{len(catalog.CALLS)} endpoints>"


def test_public_names_are_there_and_say_where_they_live() -> None:
    for name in wecom_contact.__all__:
        assert getattr(wecom_contact, name) is not None, name
    assert set(wecom_contact.__all__) <= set(dir(wecom_contact))


def loaded_by(code: str) -> set[str]:
    """Modules that some code loads in a fresh interpreter, beyond those of an empty one."""
    script = f"import sys; before = set(sys.modules)\n{code}\nprint(*set(sys.modules) - before)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(HERE.parent / "generated")},
    )  # fmt: skip
    return set(done.stdout.split())


def test_importing_the_package_imports_nothing_else() -> None:
    assert loaded_by("import wecom_contact") - {"typing", "__future__"} <= {
        "wecom_contact", *loaded_by("import typing"),
    }  # fmt: skip


def test_listing_the_catalog_imports_no_resource() -> None:
    loaded = loaded_by("from wecom_contact import catalog; list(catalog.CALLS)")
    assert "wecom_contact.contact_way" not in loaded
    assert "urllib3" not in loaded
    loaded = loaded_by("from wecom_contact import catalog; catalog.CALLS['contact_way.add']")
    assert "wecom_contact.contact_way" in loaded
    assert "wecom_contact.customer" not in loaded
    assert "wecom_contact.events" not in loaded


def test_each_client_loads_its_own_transport() -> None:
    both = "from wecom_contact import {0}; {0}(corp_id='ww', secret='s')"
    sync = loaded_by(both.format("Client"))
    assert "urllib3" in sync
    assert not {"aiohttp", "redis", "cryptography", "wecom_contact.contact_way"} & sync
    aio = loaded_by(both.format("AsyncClient"))
    assert "aiohttp" in aio
    assert not {"urllib3", "redis", "cryptography", "wecom_contact.contact_way"} & aio


def test_without_aiohttp_the_sync_client_works_and_the_other_says_what_to_install() -> None:
    code = """
import sys
sys.modules["aiohttp"] = None
from wecom_contact import Client
with Client(corp_id="ww", secret="s") as wecom:
    wecom.contact_way
try:
    from wecom_contact import AsyncClient
    AsyncClient(corp_id="ww", secret="s")
except ImportError as error:
    assert 'pip install "wecom-contact[async]"' in str(error), error
else:
    raise SystemExit("no ImportError")
"""
    loaded_by(code)


def test_the_version_is_the_distributions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: f"version of {name}")
    assert wecom_contact.__version__ == "version of wecom-contact"
