"""What does a callback cost, from the bytes of the request to a typed event: signature, decryption, parsing?"""

import base64
import hashlib
import struct
from collections.abc import Mapping

from measure import OURS, Target, Turn, ask

TOKEN, KEY, CORP = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7"
MESSAGE = """<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName>
<FromUserName><![CDATA[sys]]></FromUserName><CreateTime>1403610513</CreateTime>
<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[change_external_contact]]></Event>
<ChangeType><![CDATA[add_external_contact]]></ChangeType><UserID><![CDATA[zhangsan]]></UserID>
<ExternalUserID><![CDATA[woAJ2GCAAAXtWyujaWJHDDGi0mACHAAA]]></ExternalUserID>
<State><![CDATA[teststate]]></State><WelcomeCode><![CDATA[WELCOMECODE]]></WelcomeCode></xml>"""


def request() -> tuple[dict[str, str], bytes]:
    """A request as WeCom sends it."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    key, content = base64.b64decode(KEY + "="), MESSAGE.encode()
    plain = b"0123456789abcdef" + struct.pack(">I", len(content)) + content + CORP.encode()
    padding = 32 - len(plain) % 32
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    sealed = base64.b64encode(encryptor.update(plain + bytes([padding]) * padding)).decode()
    words = sorted([TOKEN, "1403610513", "nonce", sealed])
    signature = hashlib.sha1("".join(words).encode()).hexdigest()
    body = f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
    query = {"msg_signature": signature, "timestamp": "1403610513", "nonce": "nonce"}
    return query, body.encode()


def contestants() -> Mapping[str, Turn]:
    from wechatpy.enterprise.crypto import WeChatCrypto
    from wechatpy.enterprise.parser import parse_message
    from wecom_contact import Callback, CustomerAdded

    query, body = request()
    signed = query["msg_signature"], query["timestamp"], query["nonce"]
    # The same request again and again: neither may remember it or look at its age.
    callback = Callback(TOKEN, KEY, CORP, max_age=None, seen=None)
    crypto = WeChatCrypto(TOKEN, KEY, CORP)
    assert isinstance(callback.read(query, body), CustomerAdded)
    return {
        OURS: lambda: callback.read(query, body),
        "wechatpy": lambda: parse_message(crypto.decrypt_message(body, *signed)),
    }


ask(
    "Read one callback",
    contestants,
    reference="wechatpy",
    targets=[Target("wechatpy", at_least=2)],
    repeat=50,
    notes={
        OURS: "typed event; DOCTYPE refused, receiver checked",
        "wechatpy": "an unknown message with a dict: it has no such events",
    },
)
