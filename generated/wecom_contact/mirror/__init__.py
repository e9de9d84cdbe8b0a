"""A company's customers in its own database: copied, kept in step, reconciled.

    from wecom_contact import Client
    from wecom_contact.mirror import Mirror

    with Client(corp_id, secret) as wecom, Mirror("sqlite:///crm.db", wecom) as mirror:
        mirror.sync()             # everything; goes on where it was broken off
        mirror.apply(event)       # what a callback told
        mirror.reconcile()        # what lost callbacks missed

`pip install "wecom-contact[mirror]"` brings SQLAlchemy; a driver for PostgreSQL (`psycopg[binary]`) or MySQL and MariaDB
(`PyMySQL`) is yours to choose. The tables are described in docs/mirror.md. `python -m wecom_contact.mirror` does the same
on the command line.

Hand-written: edit codegen/surfaces/mirror/__init__.py.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._flow import Report
    from ._mirror import AsyncMirror, Mirror, Status
    from ._runs import Progress, Shard
    from ._tables import MirrorError

__all__ = ["AsyncMirror", "Mirror", "MirrorError", "Progress", "Report", "Shard", "Status"]

_HOMES = {
    "_flow": "Report",
    "_mirror": "AsyncMirror Mirror Status",
    "_runs": "Progress Shard",
    "_tables": "MirrorError",
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names.split():
            try:
                module = import_module(f".{home}", __name__)
            except ModuleNotFoundError as error:
                if (error.name or "").partition(".")[0] != "sqlalchemy":
                    raise
                words = 'the mirror needs SQLAlchemy: pip install "wecom-contact[mirror]"'
                raise ImportError(words) from error
            found = globals()[name] = getattr(module, name)
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
