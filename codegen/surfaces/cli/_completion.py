"""Completion of names and options in bash, zsh and fish.

Hand-written: edit codegen/surfaces/cli/_completion.py.
"""

import click
from click.shell_completion import get_completion_class

from ._app import NAME, app

VARIABLE = "_WECOM_CONTACT_COMPLETE"
HOW = {
    "bash": '    eval "$(wecom-contact completion bash)"        # in ~/.bashrc',
    "zsh": '    eval "$(wecom-contact completion zsh)"         # in ~/.zshrc',
    "fish": "    wecom-contact completion fish | source         # in ~/.config/fish/config.fish",
}


@click.command(epilog="\b\n" + "\n".join(HOW.values()))
@click.argument("shell", type=click.Choice(list(HOW)))
def completion(shell: str) -> None:
    """Print the completion script for SHELL."""
    found = get_completion_class(shell)
    assert found is not None  # click has one for each of these
    click.echo(found(app, {}, NAME, VARIABLE).source())
