"""`python -m wecom_contact.mcp`: the server for agents over stdio, for whom the environment names.

Hand-written: edit codegen/surfaces/mcp/__main__.py.
"""

import os
import sys
from typing import Any

from .. import Client
from ..errors import RefusedArgument


def main() -> None:
    """Serve until standard input ends."""
    try:
        from . import make_server, writes_of

        writes = writes_of(os.environ)
    except (ImportError, RefusedArgument) as error:
        sys.exit(str(error))
    missing = [name for name in ("WECOM_CORP_ID", "WECOM_SECRET") if not os.environ.get(name)]
    if missing:
        sys.exit(f"{' and '.join(missing)}: set them to say who is calling")
    base_url = os.environ.get("WECOM_BASE_URL")
    options: dict[str, Any] = {"base_url": base_url} if base_url else {}
    with Client(os.environ["WECOM_CORP_ID"], os.environ["WECOM_SECRET"], **options) as client:
        make_server(client, writes=writes).run("stdio")


if __name__ == "__main__":
    main()
