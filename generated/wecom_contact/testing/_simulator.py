"""The simulator itself: a corp, a server for it, and clients that know where it is.

Hand-written: edit codegen/surfaces/testing/_simulator.py.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ..credentials import AuthorizedCorp, Corp, Provider, Suite
from ..events import SuiteTicketPushed
from ._callbacks import Delivery
from ._http import Server
from ._serve import Reply, Request, Serving
from ._sight import told
from ._things import App, CallMade
from ._tokens import SUITE, SuiteOf
from ._world import World

if TYPE_CHECKING:
    from .. import AsyncClient, Client


class Simulator(World):
    """A WeCom of your own: a corp in memory, served over HTTP on this machine.

        with Simulator() as corp:
            zhang = corp.add_member("zhangsan", "张三")
            corp.add_customer("李四", follow=zhang, state="teststate")
            with corp.client() as wecom:
                assert wecom.customer.list(userid="zhangsan").external_userid

    `add_…` arranges and tells nobody; `customer_scans`, `member_deletes`, `admin_edits_tag` and the like happen in the
    outside world and are told by callback; what the application does through the API changes the corp and tells
    nobody, as in reality. The same `seed` gives the same ids. `now` is the corp's time at the beginning. `on_call` is
    told of every call, `on_push` of every try to push a callback.
    """

    def __init__(
        self,
        corp_id: str = "ww5e1f0a2b3c4d5e6f",
        secret: str = "simulated-secret-of-a-corp-that-is-not-real",
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int = 0,
        now: datetime | None = None,
        on_call: Callable[[CallMade], object] | None = None,
        on_push: Callable[[Delivery], object] | None = None,
    ) -> None:
        super().__init__(corp_id, secret, seed=seed, now=now)
        self.callbacks.on_push = on_push
        self._host = host
        self._port = port
        self._server: Server | None = None
        self._serving = Serving(self, on_call)
        self.suite = self._serving.tokens.suite
        """The third-party suite that the corp has authorised: its ids and secrets."""

    # Running.

    def start(self) -> Self:
        """Begin to serve; on any free port, unless you gave one."""
        if self._server is None:
            self._server = Server(self._serving, self._host, self._port)
        return self

    def stop(self) -> None:
        """End serving and pushing. What is in the corp stays there to be looked at."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        self.callbacks.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it is: the `base_url` of a client."""
        if self._server is None:
            raise RuntimeError("the simulator is not running: use it in a `with`, or call start()")
        return f"http://{self._server.host}:{self._server.port}"

    @property
    def secret(self) -> str:
        """The secret of the app."""
        return self.app.secret

    def answer(self, request: Request) -> Reply:
        """Answer a request without a socket."""
        return self._serving.answer(request)

    # Clients.

    def client(self, app: App | None = None, **options: Any) -> "Client":
        """A client of this corp; the options are those of `Client`."""
        from .. import Client

        return Client(**self._options(app, options))

    def async_client(self, app: App | None = None, **options: Any) -> "AsyncClient":
        """An asynchronous client of this corp; the options are those of `AsyncClient`."""
        from .. import AsyncClient

        return AsyncClient(**self._options(app, options))

    def _options(self, app: App | None, options: Mapping[str, Any]) -> dict[str, Any]:
        credential = Corp(self.corp_id, (app or self.app).secret)
        return {"credential": credential, "base_url": self.url, **options}

    @property
    def authorized(self) -> AuthorizedCorp:
        """The credential of the suite that acts for this corp: `corp.client(credential=corp.authorized)`."""
        suite = Suite(self.suite.suite_id, self.suite.secret, lambda: self.suite.ticket)
        return AuthorizedCorp(suite, self.corp_id, self.suite.permanent_code)

    @property
    def provider(self) -> Provider:
        """The credential of the suite's provider."""
        return Provider(self.suite.provider_id, self.suite.provider_secret)

    def expire_tokens(self) -> None:
        """End all tokens now, as WeCom does when it likes."""
        with self.lock:
            self._serving.tokens.expire()

    # Callbacks and contents.

    def callback_to(
        self,
        url: str,
        *,
        token: str,
        aes_key: str,
        app: App | SuiteOf | None = None,
        timeout: float = 5.0,
        tries: int = 3,
        verify: bool = False,
    ) -> None:
        """Push what happens to the URL of an app; each has one. `app=corp.suite` is the command URL (指令回调URL) of the suite.

        An app is told of what it may see; see `App`. With `verify`, the URL must first prove itself, as in the
        console. If it does not, `ValueError` says what it answered, and things are pushed where they were before.
        """
        caller = app or self.app
        suite_id = caller.suite_id if isinstance(caller, SuiteOf) else None
        self.callbacks.to(
            url,
            token=token,
            aes_key=aes_key,
            # The console checks a suite's URL in the name of the provider.
            receive_ids=[self.corp_id] if suite_id is None else [self.suite.provider_id, suite_id],
            app=SUITE if isinstance(caller, SuiteOf) else caller.name,
            told=partial(told, self, caller, suite_id),
            timeout=timeout,
            tries=tries,
            agent_id=None if isinstance(caller, SuiteOf) else caller.agent_id,
            verify=verify,
        )

    def push_suite_ticket(self) -> str:
        """Tell the suite its ticket, as WeCom does every ten minutes: `SuiteTicketPushed`."""
        with self.lock:
            ticket = self.suite.ticket
            self.tell(
                SuiteTicketPushed(
                    suite_id=self.suite.suite_id, time=self.clock.now(), suite_ticket=ticket
                )
            )
            return ticket

    def populate(
        self, customers: int = 1000, *, members: int | None = None, seed: int | None = None
    ) -> None:
        """Fill the corp believably: departments, members, tags, customers with their channels, groups.

        The first members are `zhangsan`, `lisi` and `wangwu`, unless there are such already; the very first has a
        customer. The same numbers and the same seed give the same corp.
        """
        from ._seed import populate

        with self.lock:
            populate(self, customers, members=members, seed=seed)

    def load(self, source: "Mapping[str, Any] | str | PathLike[str]") -> None:
        """Fill the corp from a mapping or a JSON file. All of it may be left out:

            {"departments": ["销售部"],
             "members": [{"userid": "zhangsan", "name": "张三", "department": "销售部"}],
             "tags": {"客户等级": ["重要", "一般"]},
             "customers": [{"name": "李四", "follow": ["zhangsan"], "tags": ["重要"], "state": "poster"}],
             "groups": [{"name": "售后群", "owner": "zhangsan", "members": ["李四"]}],
             "contact_ways": [{"users": ["zhangsan"], "state": "poster"}],
             "populate": {"customers": 1000}}

        The words are those of `add_member`, `add_customer`, `add_group_chat` and so on.
        """
        from ._seed import load

        with self.lock:
            load(self, source)
