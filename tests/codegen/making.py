"""Generated modules of a small spec, made and run in memory beside the real runtime."""

import sys
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from attrs import evolve

from codegen import emit, ir, lint, resolve, spec
from codegen.problems import Problem, SpecError


def problems(folder: Path) -> list[Problem]:
    """What is said of a spec."""
    try:
        return lint.lint(resolve.resolve(spec.load(folder)))
    except SpecError as error:
        return list(error.problems)


def understood(folder: Path) -> ir.Api:
    """The API of a spec that nothing is said of."""
    api = resolve.resolve(spec.load(folder))
    assert [str(each) for each in lint.lint(api)] == []
    return api


@cache
def good_package() -> ir.Package | None:
    """What a small spec needs not say."""
    return resolve.resolve(spec.load(Path(__file__).parent / "good")).package


def run(api: ir.Api) -> SimpleNamespace:
    """The modules of an API by their names, generated and run; `.text` has their code."""
    if api.package is None:
        api = evolve(api, package=good_package())
    plan = emit.plan(api)
    texts = {
        name.removeprefix(f"{plan.package}/").removesuffix(".py"): text
        for name, text in plan.files.items()
        if name.endswith(".py")
    }
    for name, text in texts.items():
        compile(text, f"<{name}>", "exec")
    made = SimpleNamespace(text=texts)
    with pytest.MonkeyPatch.context() as patch:
        for name in [module.name for module in needed_first(api)] + ["events", "_errcodes"]:
            # As part of the real package, so that its runtime is found and not built anew.
            module = ModuleType(f"wecom_contact.{name}")
            module.__package__ = "wecom_contact"
            patch.setitem(sys.modules, module.__name__, module)
            exec(compile(texts[name], f"<{name}>", "exec"), module.__dict__)
            setattr(made, name, module)
    return made


def needed_first(api: ir.Api) -> list[ir.Module]:
    """The files in an order in which each comes after those it takes types from."""
    homes = {each.name: module for module, each in api.types}
    found: list[ir.Module] = []

    def add(module: ir.Module) -> None:
        if module not in found:
            roots: list[ir.Type] = [*module.types]
            roots += [
                part for call in module.calls for part in (call.request, call.response) if part
            ]
            for root in roots:
                for each in ir.needs(root):
                    if homes[each.name] is not module:
                        add(homes[each.name])
            found.append(module)

    for module in api.modules:
        if module.name != "events":
            add(module)
    return found
