"""Where the servers of the tests are. As a program: whether all are there, and what to install if not."""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

PLACES = ("/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/opt/homebrew/bin", "/snap/bin")
"""Where a server may be although PATH does not say so."""
POSTGRES = "/usr/lib/postgresql"
"""Where Debian keeps PostgreSQL, a folder for each version."""


class Kind(NamedTuple):
    """A server that tests start."""

    names: Sequence[str]
    """What its program may be called."""
    variable: str
    """What in the environment says where it is."""
    missing: str


REDIS = Kind(
    # Valkey is what some distributions have in Redis's place; it speaks the same protocol.
    ("redis-server", "valkey-server"),
    "REDIS_SERVER",
    """\
The tests of the shared token store need a redis-server, and there is none here. Any of these will do:
    apt-get install redis-server, dnf install valkey, apk add redis, brew install redis,
    conda install redis-server (without root), or `make` in the sources of Redis
If it is in an unusual place: make test REDIS_SERVER=/path/to/redis-server""",
)
INITDB = Kind(
    ("initdb",),
    "INITDB",
    """\
The tests of the mirror need PostgreSQL, and its initdb is not here. Any of these will do:
    apt-get install postgresql, dnf install postgresql-server, apk add postgresql, brew install postgresql,
    conda install postgresql (without root)
If it is in an unusual place: make test INITDB=/path/to/initdb""",
)
MARIADB = Kind(
    ("mariadbd", "mysqld"),
    "MARIADBD",
    """\
The tests of the mirror need MariaDB, and its mariadbd is not here. Any of these will do:
    apt-get install mariadb-server, dnf install mariadb-server, apk add mariadb, brew install mariadb,
    conda install mariadb (without root)
If it is in an unusual place: make test MARIADBD=/path/to/mariadbd""",
)


def program(kind: Kind) -> str:
    """The program to start: what the environment says, or what is found; `LookupError` says what to install."""
    given = os.environ.get(kind.variable)
    if given:
        if found := shutil.which(given):
            return found
        raise LookupError(f"{kind.variable} is {given!r}, which is no program")
    versions = sorted(Path(POSTGRES).glob("*/bin"), key=lambda folder: -float(folder.parent.name))
    folders = [os.environ.get("PATH", os.defpath), *PLACES, *map(str, versions)]
    for name in kind.names:
        if found := shutil.which(name, path=os.pathsep.join(folders)):
            return found
    raise LookupError(kind.missing)


def redis_program() -> str:
    """The redis-server to start."""
    return program(REDIS)


def main() -> None:
    """Print where the servers are, or say what to install."""
    lacking = []
    for kind in (REDIS, INITDB, MARIADB):
        try:
            print(program(kind))
        except LookupError as error:
            lacking.append(str(error))
    if lacking:
        sys.exit("\n".join(lacking))


if __name__ == "__main__":
    main()
