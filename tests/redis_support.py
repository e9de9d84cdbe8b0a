"""Where the redis-server of the tests is. As a program: whether there is one, and what to install if not."""

import os
import shutil
import sys

NAMES = ("redis-server", "valkey-server")
"""Valkey is what some distributions have in Redis's place; it speaks the same protocol."""
PLACES = ("/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/opt/homebrew/bin", "/snap/bin")
"""Where it may be although PATH does not say so."""

MISSING = """\
The tests of the shared token store need a redis-server, and there is none here. Any of these will do:
    apt-get install redis-server, dnf install valkey, apk add redis, brew install redis,
    conda install redis-server (without root), or `make` in the sources of Redis
If it is in an unusual place: make test REDIS_SERVER=/path/to/redis-server"""


def redis_program() -> str:
    """The program to start: what REDIS_SERVER says, or what is found; `LookupError` says what to install."""
    given = os.environ.get("REDIS_SERVER")
    if given:
        if found := shutil.which(given):
            return found
        raise LookupError(f"REDIS_SERVER is {given!r}, which is no program")
    folders = os.pathsep.join([os.environ.get("PATH", os.defpath), *PLACES])
    for name in NAMES:
        if found := shutil.which(name, path=folders):
            return found
    raise LookupError(MISSING)


if __name__ == "__main__":
    try:
        print(redis_program())
    except LookupError as error:
        sys.exit(str(error))
