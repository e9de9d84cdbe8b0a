"""Asks every question, keeps the answers in results.json and the table in README.md, and prints it.

`report.py "startup.py import" decode.py` asks only these again.
"""

import json
import os
import platform
import re
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
QUESTIONS = (
    "decode.py",
    "encode.py",
    "sync_call.py",
    "async_call.py 1",
    "async_call.py 50",
    "async_call.py 500",
    "startup.py import",
    "startup.py first",
    "startup.py call",
    "startup.py command",
    "memory.py import",
    "memory.py customers",
    "memory.py walk",
    "corps.py cpu",
    "corps.py memory",
    "corps.py connections",
    "callbacks.py",
    "limiter.py memory",
    "limiter.py redis",
    "limiter.py kept",
    "generator.py",
)
TABLE = re.compile(r"(<!-- table -->\n).*?(<!-- end -->)", re.S)


def answer(question: str) -> dict[str, Any]:
    command = [sys.executable, *question.split(), "--json"]
    done = subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, check=True, text=True)
    whole: dict[str, Any] = json.loads(done.stdout)
    return whole


def machine() -> dict[str, str]:
    """What the numbers depend on."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return {
        "cpu": f"{os.cpu_count()} × {cpu[1] if cpu else platform.machine()}",
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{python}, {platform.python_compiler()}",
        "load": f"{os.getloadavg()[0]:.1f}",
    }


def versions() -> dict[str, str]:
    words = (HERE / "requirements.txt").read_text().split()
    names = [word.partition("==")[0] for word in words if "==" in word]
    return {name: version(name) for name in names}


def table(answers: dict[str, Any]) -> str:
    lines = ["| | | | |", "| --- | ---: | ---: | --- |"]
    for each in answers.values():
        lines.append(f"| **{each['question']}** | {each['unit']} | ratio | |")
        for name, value in each["values"].items():
            shown = f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
            note = each["notes"].get(name, "")
            lines.append(f"| {name} | {shown} | {each['ratios'][name]:.2f} | {note} |")
    return "\n".join(lines)


def verdicts(answers: dict[str, Any]) -> str:
    lines = ["| target | measured | |", "| --- | ---: | --- |"]
    for each in answers.values():
        for target in each["targets"]:
            met = "met" if target["met"] else "**missed**"
            words = f"{each['question']}: {target['target']}"
            lines.append(f"| {words} | {target['measured']:.2f} | {met} |")
    return "\n".join(lines)


def main() -> None:
    started = time.monotonic()
    results = HERE / "results.json"
    some = sys.argv[1:]
    answers: dict[str, Any] = json.loads(results.read_text("utf-8"))["answers"] if some else {}
    for question in some or QUESTIONS:
        print(f"{time.monotonic() - started:4.0f} s  {question}", file=sys.stderr)
        answers[question] = answer(question)
    where, what = machine(), versions()
    whole = {"machine": where, "versions": what, "answers": answers}
    text = json.dumps(whole, indent=1, ensure_ascii=False)
    results.write_text(f"{text}\n", "utf-8")
    listed = ", ".join(f"{name} {number}" for name, number in what.items())
    about = (
        f"{where['cpu']}, {where['system']}, {where['python']}; load {where['load']} at the end."
    )
    shown = f"{verdicts(answers)}\n\n{table(answers)}\n"
    readme = HERE / "README.md"
    body = f"{about}\n\n{listed}.\n\n{shown}"
    readme.write_text(
        TABLE.sub(lambda found: f"{found[1]}{body}{found[2]}", readme.read_text("utf-8")), "utf-8"
    )
    print(shown)
    print(f"{time.monotonic() - started:.0f} s")


main()
