"""The blocking driver: does what the flows of `_flow.py` ask for, over urllib3. It decides nothing.

Hand-written: edit codegen/runtime/_sync.py.
"""

import inspect
import os
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, BinaryIO, Generic, Self, TypeVar, cast

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, ProxyManager, Timeout, make_headers
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    ClosedPoolError,
    ConnectTimeoutError,
    HTTPError,
    ReadTimeoutError,
)
from urllib3.util import parse_url

from . import codec
from ._flow import Engine, Paging
from ._media import CHUNK, Download
from ._model import Call, PagedCall
from ._observe import CallRecord
from ._secrets import Secret, guard_logs
from ._steps import Answer, Ask, Break, Broken, Flow, Send, Sleep, Step, Wait
from .credentials import Corp, Credential, Provider, TokenKind
from .errors import ErrorFact
from .limits import Limiter
from .retry import Retry, Retrying, Timeouts
from .stores import TokenStore

R = TypeVar("R")
P = TypeVar("P")
T = TypeVar("T")
