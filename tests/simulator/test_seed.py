"""A corp out of nothing, out of a file, and from the command line."""

import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from wecom_contact import Client, testing
from wecom_contact.testing import Simulator
from wecom_contact.testing.__main__ import build, greeting, line, main, push_line

from simulator.asking import token_of

ROOT = Path(__file__).parents[2]


def sketch(corp: Simulator) -> Any:
    customers = [
        (each.external_userid, each.name, each.tags, [f.member.userid for f in each.follows])
        for each in corp.customers.values()
    ]
    return customers, list(corp.members), list(corp.group_chats), list(corp.tags)


def test_the_same_seed_gives_the_same_corp() -> None:
    corps = []
    for seed in (1, 1, 2):
        corp = Simulator(seed=seed)
        corp.populate(500)
        corps.append(sketch(corp))
    assert corps[0] == corps[1] != corps[2]


@pytest.mark.parametrize(("customers", "members"), [(1, None), (2, 1), (3, 20), (100, None)])
def test_the_first_member_is_zhangsan_and_has_a_customer(
    customers: int, members: int | None
) -> None:
    for seed in range(5):
        corp = Simulator(seed=seed)
        corp.populate(customers, members=members)
        zhang = next(iter(corp.members.values()))
        assert (zhang.userid, zhang.name) == ("zhangsan", "张三")
        assert zhang.customers


def test_who_is_there_already_keeps_the_userid() -> None:
    corp = Simulator()
    zhang = corp.add_member("zhangsan", "张三丰")
    corp.populate(10)
    assert (zhang.name, zhang.customers) == ("张三丰", [])
    corp = Simulator()
    corp.load({"members": [{"userid": "zhangsan", "name": "张三丰"}], "populate": {"customers": 9}})
    assert (corp.members["zhangsan"].name, len(corp.customers)) == ("张三丰", 9)


def test_it_is_believable() -> None:
    corp = Simulator()
    corp.populate(2000, members=21, seed=5)
    assert (len(corp.customers), len(corp.members)) == (2000, 21)
    followed = [len(each.follows) for each in corp.customers.values()]
    assert min(followed) == 1
    assert max(followed) == 2
    assert any(each.tags for each in corp.customers.values())
    assert any(follow.state for each in corp.customers.values() for follow in each.follows)
    assert len(corp.group_chats) == 5
    assert {each.type for each in corp.customers.values()} == {1, 2}
    tiny = Simulator()
    tiny.populate(3, members=1)
    assert len(tiny.group_chats) == 1


def test_a_hundred_thousand_customers_are_small() -> None:
    """In a process of their own, so that nothing else is counted: its ru_maxrss would begin at the parent's peak."""
    code = """
import re
from pathlib import Path
from wecom_contact.testing import Simulator
corp = Simulator()
corp.populate(100_000)
assert len(corp.customers) == 100_000
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env())
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 200_000, "kilobytes, everything included"


def env() -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT / "generated"),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }


SEED: dict[str, Any] = {
    "departments": ["销售部"],
    "members": [
        {"userid": "zhangsan", "name": "张三", "department": "销售部"},
        {"userid": "lisi"},
    ],
    "tags": {"客户等级": ["重要", "一般"]},
    "customers": [
        {"name": "王五", "follow": ["zhangsan"], "tags": ["重要"], "state": "poster"},
        {"name": "赵六", "follow": "lisi"},
    ],
    "groups": [
        {"name": "售后群", "owner": "zhangsan", "members": ["王五", "lisi"]},
        {"name": "空", "owner": "lisi"},
    ],
    "contact_ways": [{"users": ["zhangsan"], "state": "poster"}],
    "populate": {"customers": 5, "members": 3},
}


def test_out_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "corp.json"
    file.write_text(json.dumps(SEED), "utf-8")
    corp = Simulator()
    corp.load(file)
    names = {each.name: each for each in corp.customers.values()}
    assert len(names) >= 2
    assert names["王五"].tags == ["重要"]
    assert corp.follow("zhangsan", names["王五"]).state == "poster"
    chat = next(each for each in corp.group_chats.values() if each.name == "售后群")
    assert [each.name for each in chat.members] == ["张三", "王五", "lisi"]
    assert next(iter(corp.contact_ways.values())).users == ["zhangsan"]
    assert len(corp.customers) == 7


def test_out_of_little() -> None:
    corp = Simulator()
    corp.load({"departments": ["销售部"]})
    corp.load({"members": [{"userid": "lisi"}]})
    assert list(corp.members) == ["lisi"]


SEEDS = [
    ("[]", "JSON object"),
    ("{", "Expecting"),
    ('{"membres": []}', "membres"),
    ('{"members": [{"userid": "a", "department": "X"}]}', "members: there is no 'X'"),
    ('{"members": [{"useird": "a"}]}', "members: .*useird"),
    ('{"members": 3}', "members: .*int"),
    ('{"tags": []}', "tags: "),
    ('{"customers": [{"name": "a", "follow": "nobody"}]}', "customers: there is no 'nobody'"),
    ('{"customers": [{"name": "a", "tags": ["none"]}]}', "customers: there is no 'none'"),
    (
        '{"members": [{"userid": "a"}], "groups": [{"name": "g", "owner": "a", "members": ["b"]}]}',
        "groups: there is no 'b'",
    ),
    ('{"contact_ways": [{"users": ["nobody"]}]}', "contact_ways: there is no 'nobody'"),
    ('{"populate": {"customers": 5, "members": 0}}', "populate: members: at least 1"),
]


@pytest.mark.parametrize(("text", "words"), SEEDS)
def test_what_is_no_seed_data(text: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "corp.json"
    file.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=words):
        Simulator().load(file)


class TestCommand:
    """python -m wecom_contact.testing"""

    def test_it_serves_and_says_what_a_client_needs(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = tmp_path / "corp.json"
        file.write_text(json.dumps(SEED), "utf-8")
        corp, asked = build(
            ["--port", "0", "--seed-data", str(file), "--customers", "20", "--members", "3"]
        )
        assert asked.busy == 0
        with corp:
            assert f'base_url="{corp.url}"' in greeting(corp)
            with Client(corp.corp_id, corp.secret, base_url=corp.url) as wecom:
                wecom.customer.list(userid="zhangsan")
                corp.trouble.next("customer.list", cut=True)
                wecom.customer.list(userid="zhangsan")
        said = capsys.readouterr().out.splitlines()
        assert "gettoken(corpid='ww" in said[0]
        assert corp.secret not in "".join(said)
        assert "0 " in said[1]
        assert "customer.list(userid='zhangsan')" in said[1]
        assert "— (cut)" in said[2]
        corp.calls[0].data = {"text": "x" * 100}
        assert "xxx..." in line(corp.calls[0])

    def test_it_says_what_it_pushes(self, capsys: pytest.CaptureFixture[str]) -> None:
        keys = ["--token", "t", "--aes-key", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"]
        words = ["--port", "0", "--callback", "http://127.0.0.1:1/", *keys]
        for quiet in ([], ["--quiet"]):
            corp, _ = build([*words, *quiet])
            with corp:
                corp.customer_adds(corp.add_member("zhangsan"))
                corp.callbacks.wait()
            said = capsys.readouterr().out.splitlines()
            tries = [] if quiet else [1, 2, 3]
            assert [each[10:] for each in said] == [
                f"—      callback CustomerAdded, try {number}" for number in tries
            ]
        corp.callbacks.deliveries[0].status = 200
        assert "  200    callback CustomerAdded" in push_line(corp.callbacks.deliveries[0])

    def test_the_first_example_of_the_readme_runs(self) -> None:
        readme = (ROOT / "README.md").read_text("utf-8")
        example = readme.split("```python\n")[1].split("```")[0]
        corp, _ = build(["--port", "0", "--quiet", "--customers", "100"])
        with corp:
            ours = f'Client("{corp.corp_id}", "{corp.secret}", base_url="{corp.url}")'
            code, count = re.subn(r"\bClient\(.*\)", ours, example)
            assert count == 1
            done = subprocess.run(
                [sys.executable, "-c", code], capture_output=True, text=True, env=env()
            )
        assert done.returncode == 0, done.stderr
        link, *customers = done.stdout.splitlines()
        assert link.startswith("http")
        assert len(customers) == len(corp.members["zhangsan"].customers) > 0

    def test_the_options_reach_the_corp(self) -> None:
        corp, _ = build(
            ["--quiet", "--rates", "--trouble", "0.5", "--callback", "http://127.0.0.1:1/",
             "--token", "t", "--aes-key", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"]
        )  # fmt: skip
        assert corp.limits.rates
        assert any(corp.trouble.take("customer.get", True) for _ in range(100))
        assert not build(["--quiet"])[0].limits.rates

    @pytest.mark.parametrize(("text", "words"), SEEDS)
    def test_seed_data_that_is_none(
        self, text: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = tmp_path / "corp.json"
        file.write_text(text, "utf-8")
        assert re.search(words, self.refused(capsys, "--seed-data", str(file)))

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["--seed-data", "/nowhere.json"], "--seed-data: .*/nowhere.json"),
            (["--seed-data", ""], "--seed-data: "),
            (["--trouble", "1.5"], "--trouble: rate: a share from 0 to 1, not 1.5"),
            (["--trouble", "nan"], "--trouble: rate: "),
            (["--callback", "http://x/", "--token", "t", "--aes-key", "k"], "--aes-key: .* 43 "),
            (["--customers", "9", "--members", "0"], "members: at least 1"),
            (["--customers", "-1"], "customers: 0 or more, not -1"),
        ],
    )
    def test_options_that_are_none(
        self, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert re.search(said, self.refused(capsys, *words))

    def refused(self, capsys: pytest.CaptureFixture[str], *words: str) -> str:
        """The one line that says why, after the usage."""
        with pytest.raises(SystemExit):
            build([*words])
        said = capsys.readouterr().err.splitlines()
        assert " error: " in said[-1]
        assert sum("error" in each for each in said) == 1
        return said[-1]

    def test_members_may_be_alone(self) -> None:
        corp, _ = build(["--members", "4"])
        assert (len(corp.members), len(corp.customers)) == (4, 0)
        assert not build(["--members", "0"])[0].members

    @pytest.mark.parametrize("missing", ["werkzeug", "orjson"])
    def test_what_is_not_installed(self, missing: str) -> None:
        code = f"import sys, runpy; sys.modules[{missing!r}] = None; sys.argv[1:] = ['--port', '0']"
        code += "; runpy.run_module('wecom_contact.testing', run_name='__main__')"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env=env()
        )
        assert done.returncode == 1
        needs = 'the simulator needs werkzeug: pip install "wecom-contact[testing]"\n'
        if missing == "werkzeug":
            assert done.stderr == needs
        else:
            assert "Traceback" in done.stderr

    def test_a_callback_needs_its_keys(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit):
            build(["--callback", "http://127.0.0.1:1/"])
        assert "--aes-key" in capsys.readouterr().err

    @pytest.mark.parametrize("customers", ["0", "10"])
    def test_things_happen_until_it_is_ended(
        self, customers: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        ended = Ended(3)
        assert (
            main(["--port", "0", "--quiet", "--busy", "0.01", "--customers", customers], ended) == 0
        )
        assert "base_url  http://127.0.0.1:" in capsys.readouterr().out
        assert ended.left == 0

    def test_help_is_shown_by_the_module(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(sys, "argv", ["simulator", "--help"])
        path = Path(testing.__file__).with_name("__main__.py")
        code = compile(path.read_text("utf-8"), path, "exec")
        # runpy does not get on with pytest where the plugin is installed.
        with pytest.raises(SystemExit):
            exec(code, {"__name__": "__main__", "__package__": "wecom_contact.testing"})
        assert "--seed-data FILE" in capsys.readouterr().out

    def test_an_interruption_is_an_end_like_others(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["--port", "0"], Interrupted()) == 0
        assert "0 calls" in capsys.readouterr().out

    def test_in_a_process_of_its_own(self) -> None:
        command = [sys.executable, "-u", "-m", "wecom_contact.testing", "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env()) as process:
            assert process.stdout is not None
            try:
                lines = [process.stdout.readline() for _ in range(4)]
                url = lines[1].split()[1]
                with urllib.request.urlopen(f"{url}/cgi-bin/gettoken?corpid=x", timeout=5) as reply:
                    assert json.load(reply)["errcode"] == 41004
            finally:
                process.terminate()


class Ended(threading.Event):
    """Is over after some looks."""

    def __init__(self, left: int) -> None:
        super().__init__()
        self.left = left

    def wait(self, timeout: float | None = None) -> bool:
        self.left -= 1
        return self.left <= 0


class Interrupted(threading.Event):
    """Somebody presses Ctrl-C."""

    def wait(self, timeout: float | None = None) -> bool:
        raise KeyboardInterrupt


TEST = """
from wecom_contact import AsyncClient, Client
from wecom_contact.testing import Simulator


def test_welcome(wecom_corp: Simulator, wecom: Client, async_wecom: AsyncClient) -> None:
    wecom_corp.add_member("zhangsan")
    assert wecom.follow_user.list().follow_user == ["zhangsan"]
    import asyncio

    async def run() -> None:
        async with async_wecom:
            assert (await async_wecom.follow_user.list()).follow_user == ["zhangsan"]

    asyncio.run(run())
"""


def test_the_plugin_in_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TEST, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "wecom_contact._pytest_plugin", "-W", "error"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=env(),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_the_plugin_loads_nothing_until_it_is_asked() -> None:
    code = """
import sys
import wecom_contact._pytest_plugin
heavy = ("werkzeug", "cryptography", "urllib3", "attrs", "orjson", "wecom_contact.testing._simulator")
loaded = [name for name in heavy if name in sys.modules]
sys.exit(f"{loaded}" if loaded else 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env())
    assert done.returncode == 0, done.stderr


class TestNames:
    """What is exported, and what if werkzeug is not there."""

    def test_every_public_name_has_its_home(self) -> None:
        assert {name for names in testing._HOMES.values() for name in names.split()} == set(
            testing.__all__
        )
        assert all(getattr(testing, name).__name__ == name for name in testing.__all__)
        assert set(testing.__all__) <= set(dir(testing))
        with pytest.raises(AttributeError, match="Simulatr"):
            _ = testing.Simulatr

    @pytest.mark.parametrize(
        ("module", "words"),
        [("werkzeug.serving", r"wecom-contact\[testing\]"), ("socket", "socket")],
    )
    def test_a_missing_module_is_said_as_it_is(
        self, module: str, words: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delattr(testing, "Simulator", raising=False)
        for name in ("_http", "_simulator"):
            monkeypatch.delitem(sys.modules, f"wecom_contact.testing.{name}")
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(ImportError, match=words):
            _ = testing.Simulator
        with pytest.raises(SystemExit if "werkzeug" in module else ModuleNotFoundError):
            build([])


LOAD = """
import socket, sys
host, port, target, times = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
connection = socket.create_connection((host, port))
request = f"GET {target} HTTP/1.1\\r\\nHost: {host}\\r\\nUser-Agent: load\\r\\n\\r\\n".encode()
for _ in range(times):
    connection.sendall(request)
    assert b'"errcode":0' in connection.recv(65536)
"""


def test_small_calls_are_fast(wecom_corp: Simulator) -> None:
    """A thousand a second on one core, over a socket: in processor time, which a busy machine does not lengthen."""
    wang = wecom_corp.add_customer("王五", follow=wecom_corp.add_member("zhangsan"))
    query = {"access_token": token_of(wecom_corp), "external_userid": wang.external_userid}
    target = f"/cgi-bin/externalcontact/get?{urlencode(query)}"
    parts = urlsplit(wecom_corp.url)
    words = [str(parts.hostname), str(parts.port), target, "2000"]
    begun = time.process_time()
    subprocess.run([sys.executable, "-c", LOAD, *words], check=True)
    assert wecom_corp.call_counts["customer.get"] == 2000
    assert 2000 / (time.process_time() - begun) > 1000
