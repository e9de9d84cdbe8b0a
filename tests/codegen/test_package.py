"""A second package from the same generator: `--spec` and `--out`, and what package.yaml carries."""

import ast
import codecs
import importlib
import logging
import pkgutil
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import wecom_contact
from conftest import FixedToken
from pytest_httpserver import HTTPServer
from test_diff import git

from codegen import __main__, lint, resolve, spec, taken
from codegen.problems import SpecError

ROOT = Path(__file__).parent.parent.parent
TOY = Path(__file__).parent / "toy/spec"
PACKAGE = """name: wecom_toy_of_a_long_name
title: 玩具
api: toy API
link: https://example.com/pages/{page}.html
base_url: https://toy.example.com/api/
example: |
  wecom.shop.close(shop_id="S1")
"""


def toy(folder: Path, package: str = PACKAGE) -> Path:
    """The spec of toys, with a package of this kind."""
    shutil.copytree(TOY, folder / "toys")
    (folder / "toys/package.yaml").write_text(package, "utf-8")
    return folder / "toys"


def command(*words: object) -> int:
    return __main__.main([str(word) for word in words])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package of toys in it."""
    folder = tmp_path_factory.mktemp("made")
    assert command("gen", "--spec", toy(folder), "--out", folder / "lib") == 0
    return folder / "lib"


@pytest.fixture
def toys(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The package, with all its modules, beside wecom_contact."""
    monkeypatch.syspath_prepend(made)
    name = "wecom_toy_of_a_long_name"
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, f"{name}."):
        importlib.import_module(module.name)
    yield package
    for module_name in [each for each in sys.modules if each.startswith(name)]:
        del sys.modules[module_name]


def test_both_packages_call_in_one_process(toys: Any, httpserver: HTTPServer) -> None:
    refused = {"errcode": 50001, "errmsg": "no"}
    httpserver.expect_request("/cgi-bin/shop/close").respond_with_json(refused)
    httpserver.expect_request("/cgi-bin/externalcontact/get_follow_user_list").respond_with_json(
        {"errcode": 0, "errmsg": "ok", "follow_user": ["zhangsan"]}
    )
    url = httpserver.url_for("/")
    contact = wecom_contact.Client(credential=FixedToken(), base_url=url)
    with contact, toys.Client(credential=FixedToken(), base_url=url) as shop:
        with pytest.raises(toys.NotFound, match="No such shop") as caught:
            shop.send(toys.ShopClose(shop_id="S1"))
        assert not isinstance(caught.value, wecom_contact.WeComError)
        assert contact.follow_user.list().follow_user == ["zhangsan"]
    assert list(toys.catalog.CALLS) != list(wecom_contact.catalog.CALLS)


def test_the_packages_share_nothing(toys: Any) -> None:
    own = {name: module for name, module in sys.modules.items() if name.startswith(toys.__name__)}
    assert len(own) > 30
    for name, module in own.items():
        for key, value in vars(module).items():
            home = str(getattr(value, "__module__", ""))
            assert not home.startswith("wecom_contact"), f"{name}.{key}"
    assert codecs.lookup_error(f"{toys.__name__}.halves").__module__.startswith(toys.__name__)
    assert toys.__name__ in logging.Logger.manager.loggerDict
    assert toys.events.TABLE is not wecom_contact.events.TABLE


def test_nothing_in_a_package_names_another(made: Path) -> None:
    for path in made.rglob("*.*"):
        if "__pycache__" not in path.parts:
            text = path.read_text("utf-8")
            assert not re.search(r"wecom[_-]contact|customer-contact|qyapi\.", text), path
    text = (made / "wecom_toy_of_a_long_name/_runtime/redis_client.py").read_text("utf-8")
    assert 'pip install "wecom-toy-of-a-long-name[{extra}]"' in text


def test_a_package_needs_no_other(made: Path) -> None:
    """Nor does it bring an application that knows another API."""
    code = (
        "import importlib, pkgutil, sys, wecom_toy_of_a_long_name as p\n"
        "for each in pkgutil.walk_packages(p.__path__, 'wecom_toy_of_a_long_name.'):\n"
        "    importlib.import_module(each.name)\n"
        "print(*(name for name in sys.modules if name.startswith('wecom')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONPATH": str(made)}
    )
    loaded = done.stdout.split()
    assert len(loaded) > 30, done.stderr
    assert all(name.startswith("wecom_toy_of_a_long_name") for name in loaded)
    assert not any("testing" in name or "plugin" in name for name in loaded)


def test_an_address_ends_without_a_slash_as_paths_begin_with_one(tmp_path: Path) -> None:
    package = resolve.resolve(spec.load(toy(tmp_path))).package
    assert package is not None
    assert package.base_url == "https://toy.example.com/api"


def test_the_words_of_the_package_are_where_people_look(toys: Any) -> None:
    assert toys.catalog.CALLS["shop.close"].link == "https://example.com/pages/3.html"
    assert "关店: https://example.com/pages/3.html" in toys.shop.ShopCalls.close.__doc__
    assert toys.__doc__.startswith("The Python SDK for WeCom's (企业微信) toy API (玩具), ")
    assert '        wecom.shop.close(shop_id="S1")\n' in toys.__doc__
    assert toys.Client.__doc__.startswith("WeCom's toy API, sync: ")
    assert repr(toys.Client("ww1", "s")).endswith("at toy.example.com, open>")
    assert "of `wecom_toy_of_a_long_name.events`" in toys.callback.__doc__


@pytest.mark.parametrize("name", ["wecom_kf", "wecom_archive"])
def test_a_package_without_events_is_written_as_the_formatter_would(
    name: str, tmp_path: Path
) -> None:
    """Unless its name is so long or short that a line of the hand-written files would break elsewhere."""
    folder = toy(tmp_path, PACKAGE.replace("wecom_toy_of_a_long_name", name))
    (folder / "events.yaml").unlink()
    assert command("gen", "--spec", folder, "--out", tmp_path / "lib") == 0
    config = ("--no-cache", "--config", str(ROOT / "pyproject.toml"), str(tmp_path / "lib"))
    for words in (("check",), ("format", "--check")):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *words, *config], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout
    assert (tmp_path / f"lib/{name}/events.py").read_text("utf-8").count("= {}\n") == 1


def test_an_example_may_hold_any_python(tmp_path: Path) -> None:
    lines = ["print('\\\\d')", "", 'print("""a""")']
    example = "".join(f"  {line}\n" for line in ["if True:", *(f"    {line}" for line in lines)])
    folder = toy(tmp_path, PACKAGE.partition("example:")[0] + f"example: |\n{example}")
    assert command("gen", "--spec", folder, "--out", tmp_path / "lib") == 0
    text = (tmp_path / "lib/wecom_toy_of_a_long_name/__init__.py").read_text("utf-8")
    doc = ast.get_docstring(ast.parse(text)) or ""
    assert "            print('\\\\d')\n\n            print('''a''')\n" in doc


def test_an_application_comes_where_it_is_asked_for(tmp_path: Path) -> None:
    folder = toy(tmp_path, PACKAGE + "surfaces: [_pytest_plugin]\n")
    assert command("gen", "--spec", folder, "--out", tmp_path / "lib") == 0
    package = tmp_path / "lib/wecom_toy_of_a_long_name"
    assert (package / "_pytest_plugin.py").exists()
    assert not (package / "testing").exists()


def test_the_package_itself_has_every_application() -> None:
    """Whoever adds one to codegen/surfaces/ names it in spec/package.yaml."""
    package = resolve.resolve(spec.load(ROOT / "spec")).package
    assert package is not None
    assert set(package.surfaces) == taken.surfaces()


def test_the_other_commands_take_the_same_options(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = toy(tmp_path), tmp_path / "lib"
    options = ("--spec", folder, "--out", out)
    assert command("check", *options) == 1
    assert "run `gen` with the same options" in capsys.readouterr().err
    assert command("gen", *options) == 0
    assert f"new      {out}/wecom_toy_of_a_long_name/shop.py" in capsys.readouterr().out
    assert not (folder / "spec.schema.json").exists()
    assert command("check", *options) == command("lint", *options) == command("schema", *options)
    assert re.match(r"\d+ calls, \d+ events", capsys.readouterr().out)
    changed = (folder / "shop.yaml").read_text("utf-8").replace("关店", "打烊")
    (folder / "shop.yaml").write_text(changed, "utf-8")
    assert command("check", *options) == 1
    assert "wecom_toy_of_a_long_name is not what the spec says" in capsys.readouterr().err
    assert command("gen", *options) == 0
    (out / "wecom_toy_of_a_long_name/stray.py").write_text("stray")
    capsys.readouterr()
    assert command("gen", *options) == 0
    assert capsys.readouterr().out == f"gone     {out}/wecom_toy_of_a_long_name/stray.py\n"


def test_versions_of_another_package_are_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    folder = toy(tmp_path)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "x")
    text = (folder / "shop.yaml").read_text("utf-8")
    (folder / "shop.yaml").write_text(text.replace("shop/close", "shop/shut"), "utf-8")

    def run(*words: object) -> int:
        return __main__.main(["diff", *map(str, words)], tmp_path)

    assert run("HEAD", "--spec", folder) == 0
    assert "behaves: shop.close path was" in capsys.readouterr().out
    assert run("HEAD") == 2
    assert "revision 'HEAD' has no folder spec" in capsys.readouterr().err
    # A spec elsewhere has no revisions here, but may be compared with a folder.
    assert run("HEAD", "--spec", TOY) == 2
    assert "is outside of the repository; give a folder" in capsys.readouterr().err
    assert run(folder, "--spec", TOY) == 1
    assert "breaks: package name was wecom_toy_of" in capsys.readouterr().out


MISTAKES = {
    "name: wecom-toy": "'wecom-toy' is not a name to import",
    "name: class": "'class' is a word or a module of Python's",
    "name: json": "'json' is a word or a module of Python's",
    **{
        f"name: {name}": f"'{name}' is a word or a module of Python's"
        for name in ("attrs", "attr", "cattrs", "orjson", "urllib3")
    },
    "link: https://example.com": "'https://example.com' is not an address with {page} in it",
    "base_url: example.com": "'example.com' is not the address of a host",
    "tokens: {corp: my_token, suite: suite_access_token}": "tokens.corp: the runtime cannot ask for 'my_token', only access_token, provider_access_token, suite_access_token",
    "tokens: {group: access_token}": "'group' is not a name for one of the kinds of tokens",
    "tokens: {}": "tokens: every call needs one",
    "tokens: {corp: access_token}": "shop.yaml:7: open: token 'suite' is not one of package.yaml's: corp",
    "surfaces: [cinema]": "surfaces: codegen/surfaces/ has no 'cinema', only __main__, _pytest_plugin, ",
    "errors: elsewhere.yaml": "'elsewhere.yaml' is not the path of an errors.yaml",
    "errors: no/errors.yaml": "errors: no/errors.yaml: No such file or directory",
    "api: a \\ b": "'a \\\\ b' is not words on a line, without quotes",
    'title: \'a """ b\'': "b' is not words on a line, without quotes",
    "titel: x": "unknown key 'titel'; did you mean 'title'?",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_mistakes_in_a_package_file_are_named(
    line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = line.partition(":")[0]
    kept = [each for each in PACKAGE.splitlines() if not each.startswith(f"{key}:")]
    folder = toy(tmp_path, "\n".join([line, *kept]) + "\n")
    assert command("gen", "--spec", folder, "--out", tmp_path / "lib") == 1
    assert MISTAKES[line] in capsys.readouterr().err
    assert not (tmp_path / "lib").exists()


def test_a_spec_that_names_no_package_is_refused_but_can_be_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = toy(tmp_path)
    (folder / "package.yaml").unlink()
    for words in ((TOY, folder), (folder, TOY)):
        assert command("diff", *words) == 0
        assert capsys.readouterr().out == "nothing differs\n"
    assert command("lint", "--spec", folder) == 1
    assert "package.yaml:1: there is no such file, and it names the package" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize("cls", ["StaleToken", "Busy"])
def test_a_package_that_would_not_renew_its_token_or_try_again_is_refused(
    cls: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = toy(tmp_path)
    text = (folder / "errors.yaml").read_text("utf-8")
    assert f"{cls}:" in text
    (folder / "errors.yaml").write_text(text.replace(f"{cls}:", "Conflict:"), "utf-8")
    assert command("lint", "--spec", folder) == 1
    assert capsys.readouterr().err.startswith(
        f"package.yaml:1: errors.yaml has no code of class {cls}; see `errors` in this file"
    )


def test_a_host_is_kept_without_a_slash_at_its_end(tmp_path: Path) -> None:
    package = resolve.resolve(spec.load(toy(tmp_path))).package
    assert package is not None
    assert package.base_url == "https://toy.example.com/api"


def test_a_package_without_calls_needs_no_codes(tmp_path: Path) -> None:
    (tmp_path / "package.yaml").write_text(PACKAGE, "utf-8")
    (tmp_path / "types.yaml").write_text("doc: Nothing yet.\ntypes: {}\n", "utf-8")
    assert lint.lint(resolve.resolve(spec.load(tmp_path))) == []


ENTRY = "{title: 错, doc: %s, advice: Mend it.}"


def test_a_package_has_the_codes_it_shares_and_its_own_words_come_first(tmp_path: Path) -> None:
    folder = toy(tmp_path, PACKAGE + "errors: ../shared/errors.yaml\n")
    shared = folder.parent / "shared/errors.yaml"
    shared.parent.mkdir()
    more = f"NotFound:\n  50001: {ENTRY % 'Theirs.'}\n  50002: {ENTRY % 'More.'}\n"
    shared.write_text(more + f"Conflict:\n  50003: {ENTRY % 'More.'}\n", "utf-8")
    errors = {each.code: each for each in resolve.resolve(spec.load(folder)).errors}
    assert (errors[50001].doc, errors[50002].doc) == ("No such shop.", "More.")
    assert (errors[50003].cls, str(errors[50003].at)) == ("Conflict", "../shared/errors.yaml:5")
    shared.write_text("NotFound:\n  x: 1\n", "utf-8")
    with pytest.raises(SpecError, match=r"shared/errors\.yaml:2: 'x' is not a name"):
        spec.load(folder)
    own = folder / "errors.yaml"
    kept = own.read_text("utf-8")
    own.write_text("Busy: 5\n", "utf-8")
    with pytest.raises(SpecError, match="5 is not a mapping of codes"):
        spec.load(folder)
    own.write_text(kept, "utf-8")
    shared.write_bytes(b"\xff")
    with pytest.raises(SpecError, match="package.yaml:1: errors: ../shared/errors.yaml: not UTF-8"):
        spec.load(folder)


def test_a_document_without_marks_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "codegen/runtime", tmp_path / "codegen/runtime")
    shutil.copytree(TOY, tmp_path / "spec")
    text = (tmp_path / "spec/package.yaml").read_text("utf-8")
    (tmp_path / "spec/package.yaml").write_text(text + "readme: READ.md\n", "utf-8")
    (tmp_path / "READ.md").write_text("# x\n")
    for name in ("gen", "check"):
        assert __main__.main([name], tmp_path) == 1
        said = "READ.md:1: the marks of the table of calls are gone"
        assert said in capsys.readouterr().err
    assert not (tmp_path / "generated").exists()
    (tmp_path / "READ.md").write_text("# x\n<!-- calls: generated -->\n<!-- end -->\n")
    assert __main__.main(["gen"], tmp_path) == 0
    assert "| `shop.close` |" in (tmp_path / "READ.md").read_text("utf-8")


def test_the_package_of_customer_service_has_its_words(tmp_path: Path) -> None:
    """The codes are those of the customer-contact API, as they are WeCom's."""
    folder = Path(__file__).parent / "kf/spec"
    api = resolve.resolve(spec.load(folder))
    assert api.package is not None
    assert api.package.name == "wecom_kf"
    assert {error.cls for error in api.errors} > {"StaleToken", "Busy", "RateLimited"}
