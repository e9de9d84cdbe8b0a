"""Database servers of the tests' own: real ones, in folders and at ports of their own, without care for the disk."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from servers_support import INITDB, MARIADB, program
from sqlalchemy import create_engine, text

SMALL = ("--innodb-flush-method=nosync", "--innodb-log-file-size=16M")
STARTS = 60.0
"""Seconds a server may take to start on a busy machine."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def unprivileged(*names: str) -> str | None:
    """The user that runs a server: ourselves, or one of these if we are root, as whom no server runs."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name for user in pwd.getpwall()}
    return next(name for name in (*names, "nobody") if name in known)


@contextmanager
def folder(user: str | None) -> Iterator[Path]:
    """A folder of that user's, with a short name: that of a socket may have 100 characters."""
    made = tempfile.mkdtemp(prefix="wecom-", dir="/tmp")
    try:
        if user is not None:
            shutil.chown(made, user)
        yield Path(made)
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def running(command: Sequence[str], user: str | None, url: str, log: Path) -> Iterator[None]:
    """A server that answers."""
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, user=user)
    engine = create_engine(url)
    try:
        end = time.monotonic() + STARTS
        while True:
            try:
                with engine.connect():
                    break
            except Exception:
                assert process.poll() is None, log.read_text("utf-8", "replace")
                assert time.monotonic() < end, log.read_text("utf-8", "replace")
                time.sleep(0.05)
        yield
    finally:
        engine.dispose()
        process.kill()
        process.wait()


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL; the URL of its maintenance database."""
    initdb = program(INITDB)
    user = unprivileged("postgres")
    with folder(user) as home:
        data = str(home / "data")
        options = ["--no-sync", "-E", "UTF8", "--locale=C", "-A", "trust", "-U", "mirror"]
        done = subprocess.run(
            [initdb, "-D", data, *options], user=user, cwd=home, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
        port = free_port()
        server = Path(initdb).resolve().with_name("postgres")
        command = [str(server), "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", str(home)]
        command += ["-c", "fsync=off", "-c", "full_page_writes=off"]
        url = f"postgresql+psycopg://mirror@127.0.0.1:{port}/postgres"
        with running(command, user, url, home / "log"):
            yield url


@contextmanager
def mariadb() -> Iterator[str]:
    """A MariaDB; the URL of its own database."""
    server = program(MARIADB)
    user = unprivileged("mysql")
    with folder(user) as home:
        data = f"--datadir={home / 'data'}"
        install = shutil.which("mariadb-install-db") or "mysql_install_db"
        done = subprocess.run(
            [install, "--no-defaults", data, "--skip-test-db", *SMALL],
            user=user,
            cwd=home,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        port = free_port()
        command = [server, "--no-defaults", data, f"--port={port}", "--bind-address=127.0.0.1"]
        command += [f"--socket={home / 'socket'}", "--skip-grant-tables", "--skip-log-bin"]
        command += [*SMALL, "--innodb-flush-log-at-trx-commit=0"]
        url = f"mysql+pymysql://root@127.0.0.1:{port}/mysql"
        with running(command, user, url, home / "log"):
            yield url


def new_database(server: str, name: str) -> str:
    """The URL of a new database."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = engine.url.set(database=name).render_as_string(hide_password=False)
    engine.dispose()
    return url
