"""What generated code stands on and nobody imports: the flow, the drivers, the insides of the codec.

Hand-written: edit codegen/runtime/_runtime/__init__.py.
"""
