"""What happens in the outside world, one module for each kind of thing.

Hand-written: edit codegen/surfaces/testing/_acts/__init__.py.
"""
