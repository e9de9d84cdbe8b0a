"""Ids in WeCom's shapes, the same for the same seed.

Hand-written: edit codegen/surfaces/testing/_ids.py.
"""

from base64 import urlsafe_b64encode
from hashlib import blake2b

CORP_PART = "AJ2GCAAA"
"""Stands in every id of this corp after the two letters that say of what."""
SERVICE_PART = "SVCPROVA"
"""The same in the ids that a service provider knows."""


def digest(*parts: object, length: int = 22) -> str:
    """Letters, digits, - and _ that depend on the parts alone."""
    raw = blake2b("\0".join(map(str, parts)).encode(), digest_size=48).digest()
    return urlsafe_b64encode(raw)[:length].decode()


class Ids:
    """Makes ids one after the other."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._counts: dict[str, int] = {}

    def body(self, kind: str, length: int = 22) -> str:
        """The next id of a kind, without the shape."""
        count = self._counts[kind] = self._counts.get(kind, 0) + 1
        return digest(self._seed, kind, count, length=length)

    def next(self, prefix: str) -> str:
        """`wm…`, `wr…`, `et…`: 32 characters."""
        return f"{prefix}{CORP_PART}{self.body(prefix)}"

    def hex(self, kind: str) -> str:
        """32 hexadecimal digits, as config_ids have them."""
        count = self._counts[kind] = self._counts.get(kind, 0) + 1
        return blake2b(f"{self._seed}\0{kind}\0{count}".encode(), digest_size=16).hexdigest()

    def number(self, kind: str) -> int:
        """1, 2, 3 …"""
        count = self._counts[kind] = self._counts.get(kind, 0) + 1
        return count


def body_of(external_userid: str) -> str:
    """The 22 characters in which all ids of one person agree."""
    if len(external_userid) == 32 and external_userid[2:10] == CORP_PART:
        return external_userid[10:]
    return digest(external_userid)


def unionid_of(external_userid: str) -> str:
    """The unionid of a customer, 28 characters."""
    return f"ozynqs{body_of(external_userid)}"


def openid_of(external_userid: str) -> str:
    """The openid of a customer, 28 characters."""
    return f"oDOGms{body_of(external_userid)}"


def service_id_of(external_userid: str) -> str:
    """The customer's external_userid for a service provider."""
    return f"{external_userid[:2]}{SERVICE_PART}{body_of(external_userid)}"


def pending_id_of(external_userid: str) -> str:
    """The pending_id of a person, customer or not."""
    return f"pD{SERVICE_PART}{body_of(external_userid)}"
