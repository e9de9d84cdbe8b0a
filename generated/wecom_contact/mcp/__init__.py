"""A server for AI agents (MCP), over stdio: find a call, read what it takes, read with it, write with it.

    WECOM_CORP_ID=ww… WECOM_SECRET=… python -m wecom_contact.mcp        # or: wecom-contact mcp

    from wecom_contact.mcp import make_server

    with Client(corp_id, secret) as wecom:
        make_server(wecom, writes="off").run("stdio")

Four tools serve every call: `search_calls`, `describe`, `read` and `write`. What they know of the API comes from
`wecom_contact.reference`. A person is asked before each write, unless `writes` (`WECOM_MCP_WRITES`) says otherwise.
It needs the extra: `pip install "wecom-contact[mcp]"`.

Hand-written: edit codegen/surfaces/mcp/__init__.py.
"""

try:
    from ._server import Writes, make_server, writes_of
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types", "anyio", "pydantic"):
        raise
    raise ImportError('the server for agents needs mcp: pip install "wecom-contact[mcp]"') from None

__all__ = ["Writes", "make_server", "writes_of"]
