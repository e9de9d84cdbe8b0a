"""The command `wecom-contact`: every call, questions about the API, what is wrong with a set-up, callbacks.

It needs the extra: `pip install "wecom-contact[cli]"`. What it knows of the API comes from `wecom_contact.reference`.

Hand-written: edit codegen/surfaces/cli/__init__.py.
"""

import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run a command line, the one of this process by default, and leave with its exit status."""
    try:
        from ._app import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "click":
            raise
        sys.exit('the command needs click: pip install "wecom-contact[cli]"')
    sys.exit(run(argv))
