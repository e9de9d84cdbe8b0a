"""The generator: spec/ in, generated/wecom_contact out. Run as `python -m codegen`."""
