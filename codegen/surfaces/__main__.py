"""`python -m wecom_contact`: the command `wecom-contact`.

Hand-written: edit codegen/surfaces/__main__.py.
"""

from .cli import main

if __name__ == "__main__":
    main()
