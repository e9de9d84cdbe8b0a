"""What does it cost to generate everything, as a whole process, and what do other generators take?

They get an OpenAPI document of the same size: every endpoint of `catalog.CALLS` and every class it uses, made here.
"""

import json
import shutil
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from measure import OURS, Rounds, Target, outcome, run_cpu, tell
from wecom_contact import catalog
from wecom_contact.codec import Shape, is_enum, is_model, tagged, wire_fields

ROOT = Path(__file__).parent.parent
RUNS = 5
SCALARS = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    datetime: {"type": "integer", "format": "int64"},
}


class Document:
    """An OpenAPI document in the making."""

    def __init__(self) -> None:
        self.schemas: dict[str, Any] = {}
        self.paths: dict[str, Any] = {}

    def reference(self, cls: type) -> dict[str, Any]:
        if cls.__name__ not in self.schemas:
            self.schemas[cls.__name__] = {}  # before its fields: a class may hold itself
            self.schemas[cls.__name__] = self.schema(cls)
        return {"$ref": f"#/components/schemas/{cls.__name__}"}

    def schema(self, cls: Any) -> dict[str, Any]:
        words = {"title": cls.__name__, "description": cls.__doc__ or ""}
        if is_enum(cls):
            values = [member.value for member in cls]
            kind = "string" if isinstance(values[0], str) else "integer"
            return {**words, "type": kind, "enum": values}
        properties, required = {}, []
        for _, key, shape in wire_fields(cls):
            one = self.value(shape)
            properties[key] = {"type": "array", "items": one} if shape.many else one
            required += [] if shape.optional else [key]
        whole = {**words, "type": "object", "properties": properties}
        return {**whole, "required": required} if required else whole

    def value(self, shape: Shape) -> dict[str, Any]:
        union = tagged(shape.inner)
        if union is not None:
            return {"oneOf": [self.reference(variant) for _, variant in union.variants.values()]}
        if is_model(shape.inner) or is_enum(shape.inner):
            return self.reference(shape.inner)
        return SCALARS.get(shape.inner, {})

    def add(self, endpoint: Any) -> None:
        body = {"content": {"application/json": {"schema": self.reference(endpoint.call)}}}
        result = endpoint.result
        reply = self.reference(result) if isinstance(result, type) and is_model(result) else {}
        self.paths[f"/{endpoint.name.replace('.', '/')}"] = {
            "post": {
                "operationId": endpoint.name.replace(".", "_"),
                "summary": endpoint.title,
                "description": endpoint.doc,
                "tags": [endpoint.name.partition(".")[0]],
                "requestBody": body,
                "responses": {
                    "200": {
                        "description": "OK",
                        "content": {"application/json": {"schema": reply}},
                    }
                },
            }
        }

    def write(self, path: Path) -> str:
        for endpoint in catalog.CALLS.values():
            self.add(endpoint)
        whole = {
            "openapi": "3.0.3",
            "info": {"title": "WeCom", "version": "1"},
            "paths": self.paths,
            "components": {"schemas": self.schemas},
        }
        path.write_text(json.dumps(whole, ensure_ascii=False, indent=1), "utf-8")
        return f"{len(self.paths)} endpoints, {len(self.schemas)} schemas"


def main() -> None:
    taken: Rounds = {OURS: [], "openapi-python-client": [], "datamodel-code-generator": []}
    with tempfile.TemporaryDirectory() as folder:
        place, binaries = Path(folder), Path(sys.executable).parent
        document = place / "openapi.json"
        size = Document().write(document)
        tree = place / "tree"
        for part in ("codegen", "spec"):
            shutil.copytree(ROOT / part, tree / part, ignore=shutil.ignore_patterns("__pycache__"))
        client = [
            str(binaries / "openapi-python-client"),
            *("generate", "--path", str(document), "--overwrite", "--meta", "none"),
            *("--output-path", str(place / "client")),
        ]
        models = [
            str(binaries / "datamodel-codegen"),
            *("--input", str(document), "--input-file-type", "openapi"),
            *("--output-model-type", "pydantic_v2.BaseModel", "--output", str(place / "models.py")),
        ]
        for number in range(RUNS + 1):
            shutil.rmtree(tree / "generated", ignore_errors=True)
            ours = run_cpu([sys.executable, "-m", "codegen", "gen"], cwd=tree)
            theirs = run_cpu(client), run_cpu(models)
            if number:  # the first time, bytecode is written
                for name, spent in zip(taken, (ours, *theirs), strict=True):
                    taken[name].append(spent * 1000)
    tell(
        outcome(
            f"Generate everything: {size}",
            "ms CPU",
            OURS,
            taken,
            [Target(OURS, fixed=500), Target("openapi-python-client", at_least=5)],
            {
                OURS: "package, both clients, catalog, schema of the spec",
                "openapi-python-client": "package, then its formatter",
                "datamodel-code-generator": "models only",
            },
        )
    )


main()
