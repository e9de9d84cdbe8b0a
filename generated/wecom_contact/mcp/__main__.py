"""`python -m wecom_contact.mcp`: the server for agents over stdio, for whom the environment names.

Hand-written: edit codegen/surfaces/mcp/__main__.py.
"""

import os
import sys

from .. import Client
from ..errors import RefusedArgument


def main() -> None:
    """Serve until standard input ends."""
    try:
        from . import make_server, writes_of

        writes = writes_of(os.environ)
    except (ImportError, RefusedArgument) as error:
        sys.exit(str(error))
    try:
        client = Client.from_env()
    except RefusedArgument as error:
        sys.exit(str(error))
    with client:
        make_server(client, writes=writes).run("stdio")


if __name__ == "__main__":
    main()
