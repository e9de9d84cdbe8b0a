"""`mcp`: the server for AI agents over stdio.

Hand-written: edit codegen/surfaces/cli/_mcp.py.
"""

import os

import click

from ._session import Session, take


@click.command()
@take
def mcp(session: Session) -> None:
    """Serve AI agents over stdio (MCP).

    WECOM_MCP_WRITES says who may change something: off for nobody, ask (the default) for a person who is asked each
    time, allow for the agent.
    """
    from ..mcp import make_server, writes_of

    writes = writes_of(os.environ)
    with session.client() as client:
        make_server(client, writes=writes).run("stdio")
