"""docs/add-an-endpoint.md, done to the letter in a copy of the repository: no line of Python is needed."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
GUIDE = (ROOT / "docs/add-an-endpoint.md").read_text("utf-8")
FORMAT = (ROOT / "docs/spec-format.md").read_text("utf-8")
SKIPPED = shutil.ignore_patterns(".*", "__pycache__", "*_cache", "bench", "examples", "pages")
PAGES = Path(__file__).parent / "pages"

EVENT = """
  KfMessageReceived:
    title: 接收消息和事件
    doc: A customer wrote to a customer service account.
    link: 94670
    match: {Event: kf_msg_or_event}
    fields:
      open_kfid: {wire: OpenKfId, type: str, doc: The account.}
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A checkout whose `.venv` is the environment of this test."""
    copy = Path(shutil.copytree(ROOT, tmp_path / "copy", ignore=SKIPPED))
    python = copy / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    (copy / ".venv/.ready").touch()
    # Whoever has added these calls in the tree under test must not find the test red.
    for path in (*copy.glob("spec/kf*.yaml"), *copy.glob("tests/fixtures/events/Kf*.json")):
        path.unlink()
    for path in copy.glob("tests/fixtures/kf*"):
        shutil.rmtree(path)
    return copy


def section(number: int) -> str:
    """A step of the guide."""
    return re.split(r"^## ", GUIDE, flags=re.M)[number].partition("\n")[2]


def run(folder: Path, command: str, status: int = 0) -> str:
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": "generated", "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_call_and_an_event_are_added_by_the_guide_alone(copy: Path) -> None:
    # 1. Paste. The second call needs an argument, and is paged.
    shutil.copy(PAGES / "kf_account_add.txt", copy / "page.txt")

    # 2. Scaffold.
    command, shown = re.findall(r"^    \$ (.*scaffold.*)\n((?:    .*\n)+)", section(2), re.M)[0]
    assert run(copy, command) == re.sub("^    ", "", shown, flags=re.M)
    shutil.copy(PAGES / "kf_sync_msg.txt", copy / "page.txt")
    run(copy, command.replace("94662", "94670"))
    drafts = sorted(copy.glob("spec/kf*.yaml"))
    drafted = "".join(path.read_text("utf-8") for path in drafts)
    assert re.search(r"paginate: \{items: msg_list\}\n *request:\n(.*\n)*? *open_kfid: ", drafted)

    # 3. Mend the TODOs.
    (lint,) = re.findall(r"`(\.venv/bin/python -m codegen lint)`", section(3))
    assert "TODO" in run(copy, lint, status=1)
    for path in drafts:
        path.write_text(re.sub(r'"TODO[^"]*"', '"A sentence."', path.read_text("utf-8")), "utf-8")
    # An event is written by hand, with its fixture as the format shows it.
    events = copy / "spec/events.yaml"
    text = events.read_text("utf-8")
    events.write_text(text.replace("\nevents:\n", f"\nevents:{EVENT}", 1), "utf-8")
    (fixture,) = re.findall(r'```json\n(\{\n  "event": .*?)```', FORMAT, re.S)
    name = json.loads(fixture)["event"]
    (copy / f"tests/fixtures/events/{name}.json").write_text(fixture, "utf-8")
    run(copy, lint)

    # 4. Generate and test.
    generate, test = re.findall(r"^    (make \w+)$", section(5), re.M)
    assert (generate, test) == ("make gen", "make test")
    said = run(copy, generate)
    assert "new      generated/wecom_contact/kf_account.py" in said
    assert "nothing changed" in run(copy, generate)
    for name in ("README.md", "generated/wecom_contact/API.md"):
        assert "`kf_account.add`" in (copy / name).read_text("utf-8")
    # What `make test` does, as far as it can be touched by this.
    run(copy, ".venv/bin/python -m codegen check")
    run(copy, ".venv/bin/python -m ruff check --no-cache generated")
    run(copy, ".venv/bin/python -m ruff format --check --no-cache generated")
    tests = "test_replay test_catalog test_events test_arguments test_odd_replies"
    tests = " ".join(f"tests/{each}.py" for each in tests.split())
    chosen = "kf or Kf or has_a or has_the or has_several or envelopes or belong or real or which or sizes"
    pytest_ = ".venv/bin/python -m pytest -p no:cacheprovider"
    said = run(copy, f'{pytest_} {tests} tests/simulator -k "{chosen}"')
    assert int(re.findall(r"(\d+) passed", said)[0]) > 50
    assert not re.search(r"failed|skipped", said)
