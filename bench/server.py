"""A loopback server in a process of its own: keep-alive, answers ready, so that it is never the bottleneck.

It answers for WeCom, and for the APIs of the peers that have another.
"""

import asyncio
import atexit
import re
import subprocess
import sys

from samples import page

PAGES = 1000
"""How many pages a walk over customers has."""
PAGE = page(cursor="@")
CURSOR = re.compile(rb'"cursor": ?"(\d+)"')

ANSWERS = {
    b"/cgi-bin/gettoken": b'{"errcode":0,"errmsg":"ok","access_token":"TOKEN","expires_in":7200}',
    b"/cgi-bin/service/get_suite_token": b'{"suite_access_token":"SUITE","expires_in":7200}',
    b"/cgi-bin/service/get_corp_token": b'{"errcode":0,"access_token":"TOKEN","expires_in":7200}',
    b"/cgi-bin/externalcontact/add_contact_way": b'{"errcode":0,"errmsg":"ok",'
    b'"config_id":"42b34949e138eb6e027c123cba77fAAA","qr_code":"http://p.qpic.cn/wwhead/duc2/0"}',
    b"/page": page(),
    b"/open-apis/auth/v3/tenant_access_token/internal": b'{"code":0,"msg":"ok",'
    b'"tenant_access_token":"TOKEN","expire":7200}',
    b"/open-apis/im/v1/messages": b'{"code":0,"msg":"success","data":{"message_id":"om_1",'
    b'"msg_type":"text","create_time":"1615380573411","body":{"content":"hello"}}}',
    b"/v1/models/m": b'{"id":"m","object":"model","created":1686935002,"owned_by":"us"}',
    b"/v1/customers/cus_1": b'{"id":"cus_1","object":"customer","name":"N"}',
}


def answer(path: bytes, body: bytes) -> bytes:
    if path == b"/cgi-bin/externalcontact/batch/get_by_user":
        found = CURSOR.search(body)
        number = int(found[1]) if found else 0
        following = b"%d" % (number + 1) if number < PAGES - 1 else b""
        return PAGE.replace(b'"@"', b'"' + following + b'"')
    return ANSWERS[path]


class Connection(asyncio.Protocol):
    """Reads whole requests and answers each at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.pending = b""

    def data_received(self, data: bytes) -> None:
        self.pending += data
        while True:
            head, gap, rest = self.pending.partition(b"\r\n\r\n")
            if not gap:
                return
            length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
            size = int(length[1]) if length else 0
            if len(rest) < size:
                return
            body, self.pending = rest[:size], rest[size:]
            path = head.split(b" ", 2)[1].partition(b"?")[0]
            content = answer(path, body)
            self.transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                % len(content)
                + content
            )


async def serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def start() -> str:
    """The address of a server that lives as long as this process."""
    process = subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True)
    atexit.register(process.kill)
    assert process.stdout is not None
    return f"http://127.0.0.1:{process.stdout.readline().strip()}"


if __name__ == "__main__":
    asyncio.run(serve())
