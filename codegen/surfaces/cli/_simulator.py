"""A simulated company: what `python -m wecom_contact.testing` runs.

Hand-written: edit codegen/surfaces/cli/_simulator.py.
"""

import click


@click.command(
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
@click.pass_context
def simulator(ctx: click.Context) -> None:
    """Run a simulated company on this machine; `--help` says how it may look."""
    from ..testing.__main__ import main

    main(ctx.args)
