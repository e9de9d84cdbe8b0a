"""Who is calling: the environment first, then a profile of `~/.config/wecom-contact/config.toml`.

Hand-written: edit codegen/surfaces/cli/_profiles.py.
"""

import os
import stat
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from attrs import field, frozen

from ..credentials import AuthorizedCorp, Corp, Provider, Secret, Suite
from ._failures import USAGE, Failure
from ._session import Session, say, take

KEYRING_SERVICE = "wecom-contact"
VARIABLES = {
    "corp_id": "WECOM_CORP_ID",
    "secret": "WECOM_SECRET",
    "base_url": "WECOM_BASE_URL",
    "callback_token": "WECOM_CALLBACK_TOKEN",
    "callback_aes_key": "WECOM_CALLBACK_AES_KEY",
    "suite_id": "WECOM_SUITE_ID",
    "suite_secret": "WECOM_SUITE_SECRET",
    "suite_ticket": "WECOM_SUITE_TICKET",
    "provider_corp_id": "WECOM_PROVIDER_CORP_ID",
    "provider_secret": "WECOM_PROVIDER_SECRET",
}
"""What the environment may say; a profile has the same keys."""
KEYS = (*VARIABLES, "secret_cmd", "keyring", "proxy")
INSTALL = 'pip install "wecom-contact[cli]"'
HIDDEN = frozenset(
    (
        "secret",
        "proxy",
        "callback_token",
        "callback_aes_key",
        "suite_secret",
        "suite_ticket",
        "provider_secret",
    )
)


@frozen
class Account:
    """A company's app, and where WeCom is."""

    origin: str
    """Where this is from, for people: `profile main`, or `the environment`."""
    corp_id: str
    secret: Secret = field(repr=False)
    """The app's; the permanent code, where a suite acts for the company."""
    base_url: str | None = None
    proxy: Secret | None = field(default=None, repr=False)
    callback_token: Secret | None = field(default=None, repr=False)
    callback_aes_key: Secret | None = field(default=None, repr=False)
    suite_id: str | None = None
    suite_secret: Secret | None = field(default=None, repr=False)
    suite_ticket: Secret | None = field(default=None, repr=False)
    provider_corp_id: str | None = None
    provider_secret: Secret | None = field(default=None, repr=False)

    def options(self) -> dict[str, Any]:
        """What a client is told of it."""
        options: dict[str, Any] = {"credential": Corp(self.corp_id, self.secret)}
        if self.suite_id is not None and self.suite_secret and self.suite_ticket:
            suite = Suite(self.suite_id, self.suite_secret, self.suite_ticket)
            options["credential"] = AuthorizedCorp(suite, self.corp_id, self.secret)
        if self.provider_corp_id is not None and self.provider_secret:
            options["provider"] = Provider(self.provider_corp_id, self.provider_secret)
        given = {"base_url": self.base_url, "proxy": self.proxy}
        return options | {key: value for key, value in given.items() if value is not None}


def config_file() -> Path:
    """Where the profiles are."""
    home = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(home).expanduser() / "wecom-contact" / "config.toml"


def read_config() -> dict[str, Any]:
    """The file of profiles; nothing in it if there is none."""
    path = config_file()
    try:
        with path.open("rb") as file:
            config = tomllib.load(file)
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & (
                stat.S_IRWXG | stat.S_IRWXO
            ):
                words = say("{file}: others may read it; `chmod 600` it", file=path)
                click.echo(words, err=True)
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Failure(f"{path}: {error}", status=USAGE) from None
    check_config(config, path)
    return config


def check_config(config: Mapping[str, Any], path: Path) -> None:
    """Refuse what is not a file of profiles, saying where."""
    profiles = config.get("profiles", {})
    if not isinstance(profiles, dict):
        raise misplaced(path, "profiles", say("is not a table"))
    for name, profile in profiles.items():
        if not isinstance(profile, dict):
            raise misplaced(path, f"profiles.{name}", say("is not a table"))
        for key, value in profile.items():
            if key not in KEYS:
                words = say("is none of {names}", names=", ".join(KEYS))
                raise misplaced(path, f"profiles.{name}.{key}", words)
            if not isinstance(value, bool if key == "keyring" else str):
                # Without the value, which may be a secret.
                raise misplaced(path, f"profiles.{name}.{key}", say("is of a wrong type"))
    if config.get("use", "") not in {"", *profiles}:
        words = say("there is no profile {name}", name=repr(config["use"]))
        raise misplaced(path, "use", words)


def misplaced(file: Path, place: str, words: str) -> Failure:
    """What is wrong with the file of profiles, and where."""
    return Failure(f"{file}: {place}: {words}", status=USAGE)


def add_one() -> str:
    """How to get a profile."""
    return say("`wecom-contact profile add NAME` makes a profile")


def account(wanted: str | None) -> Account:
    """Who is calling: the profile asked for, else the environment, else the profile in use."""
    config = read_config()
    profiles: Mapping[str, Mapping[str, Any]] = config.get("profiles", {})
    environment = {key: os.environ[name] for key, name in VARIABLES.items() if os.environ.get(name)}
    if wanted is None and {"corp_id", "secret"} <= environment.keys():
        return built(say("the environment"), environment)
    name = wanted or config.get("use", "")
    if name not in profiles:
        raise nobody(environment) if wanted is None else unknown(wanted, profiles)
    profile = dict(profiles[name])
    if wanted is None:
        # One without the other is no caller, but a word on where WeCom is counts.
        profile |= {key: value for key, value in environment.items() if key != "secret"}
    profile.setdefault("secret", secret_of(name, profile))
    return built(say("profile {name}", name=name), profile)


def nobody(environment: Mapping[str, str]) -> Failure:
    """That nothing says who is calling, and both ways to do so."""
    corp_id, secret = VARIABLES["corp_id"], VARIABLES["secret"]
    if environment.keys() & {"corp_id", "secret"}:
        missing = secret if "corp_id" in environment else corp_id
        words = say("who is calling? There is no profile, and {name} is not set", name=missing)
    else:
        words = say(
            "who is calling? There is no profile, and {corp_id} and {secret} are not set",
            corp_id=corp_id,
            secret=secret,
        )
    hint = say(
        "set {corp_id} and {secret} in the environment, or keep them: "
        "`wecom-contact profile add NAME`",
        corp_id=corp_id,
        secret=secret,
    )
    return Failure(words, hint, USAGE)


def built(origin: str, words: Mapping[str, Any]) -> Account:
    """The account that a profile or the environment describes."""
    if not words.get("corp_id") or not words.get("secret"):
        missing = "secret" if words.get("corp_id") else "corp_id"
        failure = say("{origin}: {key} is missing", origin=origin, key=missing)
        raise Failure(failure, add_one(), USAGE)
    given: dict[str, Any] = {key: words[key] for key in VARIABLES if words.get(key)}
    if words.get("proxy"):
        given["proxy"] = words["proxy"]
    for key in HIDDEN & given.keys():
        given[key] = Secret(given[key])
    return Account(origin, **given)


def secret_of(name: str, profile: Mapping[str, Any]) -> str:
    """The secret of a profile that does not hold it: from a command or from the keyring."""
    if command := profile.get("secret_cmd"):
        # A shell, as people expect of such a key: it is their own file, which nobody else may write.
        done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
        if done.returncode:
            words = say(
                "profile {name}: secret_cmd failed with status {status}",
                name=name,
                status=done.returncode,
            )
            raise Failure(words, done.stderr.strip(), USAGE)
        return done.stdout.strip()
    if profile.get("keyring"):
        ring = working_keyring()
        if ring is None:
            words = say(
                "profile {name}: its secret is in the keyring, which does not work here", name=name
            )
            hint = say("`pip install keyring`, or add the profile again")
            raise Failure(words, hint, USAGE)
        return ring.get_password(KEYRING_SERVICE, name) or ""
    return ""


def working_keyring() -> Any:
    """The keyring, if it is installed and can keep something; None otherwise."""
    try:
        keyring = import_module("keyring")
    except ImportError:
        return None
    # The backends that keep nothing have no priority, or 0 and less.
    return keyring if keyring.get_keyring().priority > 0 else None


def write_config(config: Any) -> None:
    """Replace the file of profiles; only its owner may read it, and there is never half of it."""
    import tomlkit

    path = config_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Made with 0600.
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".config-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(tomlkit.dumps(config))
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise


def editable() -> Any:
    """The file of profiles with its comments, to be changed and written."""
    try:
        import tomlkit
    except ImportError as error:
        words = say("profiles are written by tomlkit: {install}", install=INSTALL)
        raise Failure(words, status=USAGE) from error
    read_config()  # which says what is wrong with it
    path = config_file()
    return tomlkit.parse(path.read_text("utf-8") if path.exists() else "")


@click.group("profile")
def profile() -> None:
    """Keep corp ids and secrets, by name, in ~/.config/wecom-contact/config.toml."""


@profile.command("add")
@click.argument("name")
@click.option("--corp-id", help="The company, ww….")
@click.option("--secret-cmd", help="A command that prints the secret, such as `pass show wecom`.")
@click.option("--secret-stdin", is_flag=True, help="Read the secret from standard input.")
@click.option("--base-url", help="Where WeCom is, if not at qyapi.weixin.qq.com.")
@click.option("--proxy", help="http://user:password@host:port")
@click.option("--callback-token", help="The Token of the callback URL.")
@click.option("--callback-aes-key", help="The EncodingAESKey of the callback URL.")
@click.option(
    "--keyring/--no-keyring", default=None, help="Keep the secret in the keyring, or not."
)
@take
def add(
    session: Session, /, name: str, keyring: bool | None, secret_stdin: bool, **said: str | None
) -> None:
    """Add the profile NAME, or replace it, and use it if it is the first."""
    given: dict[str, Any] = {key: value for key, value in said.items() if value}
    if "corp_id" not in given:
        words = say("corp id: nobody is there to ask; give --corp-id")
        given["corp_id"] = ask(session, say("Corp id"), words)
    secret = None
    if "secret_cmd" not in given:
        if secret_stdin:
            secret = sys.stdin.readline().strip()
        else:
            words = say("secret: nobody is there to ask; give --secret-stdin or --secret-cmd")
            secret = ask(session, say("Secret"), words, hide=True)
        if not secret:
            raise Failure(say("the secret is empty"), status=USAGE)
    config = editable()
    where = str(config_file())
    if secret is not None:
        ring = working_keyring() if keyring is not False else None
        if ring is not None:
            ring.set_password(KEYRING_SERVICE, name, secret)
            where = say("{file}; its secret is in the keyring", file=where)
        elif keyring:
            words = say("there is no keyring that works here")
            raise Failure(words, "`pip install keyring`", USAGE)
        given |= {"keyring": True} if ring is not None else {"secret": secret}
    profiles = config.setdefault("profiles", {})
    profiles[name] = {key: given[key] for key in KEYS if key in given}
    config.setdefault("use", name)
    check_config(config.unwrap(), config_file())
    write_config(config)
    click.echo(say("profile {name}: written to {where}", name=name, where=where))


def ask(session: Session, what: str, nobody: str, hide: bool = False) -> str:
    """Ask a person; fail with the words for nobody where there is none."""
    if not session.can_ask:
        raise Failure(nobody, status=USAGE)
    answer: str = click.prompt(what, hide_input=hide, err=True)
    return answer


@profile.command("list")
def list_profiles() -> None:
    """List the profiles; the one in use has a star. No secret is shown."""
    config = read_config()
    for name, words in config.get("profiles", {}).items():
        star = "*" if name == config.get("use") else " "
        url = f"  {words['base_url']}" if "base_url" in words else ""
        click.echo(f"{star} {name}  {words.get('corp_id', '')}{url}")


@profile.command("use")
@click.argument("name")
def use(name: str) -> None:
    """Use the profile NAME from now on."""
    config = editable()
    known(config, name)
    config["use"] = name
    write_config(config)


@profile.command("remove")
@click.argument("name")
def remove(name: str) -> None:
    """Forget the profile NAME, and its secret in the keyring."""
    config = editable()
    known(config, name)
    if config["profiles"].pop(name).get("keyring") and (ring := working_keyring()) is not None:
        ring.delete_password(KEYRING_SERVICE, name)
    if config.get("use") == name:
        config.pop("use")
    write_config(config)


def known(config: Mapping[str, Any], name: str) -> None:
    """Refuse a name that no profile has."""
    profiles = config.get("profiles", {})
    if name not in profiles:
        raise unknown(name, profiles)


def unknown(name: str, profiles: Mapping[str, Any]) -> Failure:
    """That there is no such profile, and which there are."""
    there = say("there are: {names}", names=", ".join(profiles)) if profiles else add_one()
    return Failure(say("there is no profile {name}", name=repr(name)), there, USAGE)
