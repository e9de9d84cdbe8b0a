"""Databases for the mirror's tests: SQLite in a file, and servers that are started once."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from wecom_contact import Client
from wecom_contact.mirror import Mirror
from wecom_contact.testing import Simulator

from .databases import mariadb, new_database, postgres
from .mirror_support import PATIENT

NUMBERS = count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[str]:
    with mariadb() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/crm.db"
    name = "postgres_server" if request.param == "postgresql" else "mariadb_server"
    return new_database(request.getfixturevalue(name), f"crm{next(NUMBERS)}")


@pytest.fixture
def file(tmp_path: Path) -> str:
    """The URL of an empty SQLite database."""
    return f"sqlite:///{tmp_path}/crm.db"


@pytest.fixture
def corp() -> Iterator[Simulator]:
    with Simulator() as corp:
        yield corp


@pytest.fixture
def wecom(corp: Simulator) -> Iterator[Client]:
    with corp.client(retry=PATIENT, strict=True) as client:
        yield client


@pytest.fixture
def make(wecom: Client) -> Iterator[Callable[..., Mirror]]:
    """Makes mirrors and closes them."""
    made: list[Mirror] = []

    def mirror(db: str, **options: int) -> Mirror:
        made.append(Mirror(db, wecom, **options))
        return made[-1]

    yield mirror
    for each in made:
        each.close()
