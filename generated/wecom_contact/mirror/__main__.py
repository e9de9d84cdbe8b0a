"""The mirror on the command line: `python -m wecom_contact.mirror --help`.

Hand-written: edit codegen/surfaces/mirror/__main__.py.
"""

import sys


def main() -> None:
    """Run the command that the words after the module's name say."""
    try:
        from .command import mirror
    except ModuleNotFoundError as error:
        if error.name != "click":
            raise
        sys.exit('the command needs click: pip install "wecom-contact[mirror,cli]"')
    mirror(prog_name="python -m wecom_contact.mirror")


if __name__ == "__main__":
    main()
