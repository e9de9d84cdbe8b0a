"""The replies and arguments that every contestant gets: invented, in the shape of WeCom's official samples."""

from typing import Any

import orjson


def customer(number: int) -> dict[str, Any]:
    """One record of customer.batch_get. One in ten customers uses WeCom, and half of those show a profile."""
    contact: dict[str, Any] = {
        "external_userid": f"woAJ2GCAAAXtWyujaWJHDDGi0mACH{number:05}",
        "name": f"客户{number}",
        "avatar": f"http://wx.qlogo.cn/mmhead/ibFicIcsdgagqefergqerhewSdage{number}/0",
        "type": 1,
        "gender": number % 3,
    }
    follow: dict[str, Any] = {
        "userid": f"member{number % 7}",
        "remark": "李部长",
        "description": "对接采购事务",
        "createtime": 1_525_779_812 + number * 3_600,
        "tag_id": ["etAJ2GCAAAXtWyujaWJHDDGi0mACHAAA", f"stJHDDGi0mAGi0mACHBBByuja{number:05}"],
        "remark_mobiles": ["13800000001"],
        "oper_userid": f"member{number % 7}",
        "add_way": (1, 2, 3, 4, 16)[number % 5],
        "state": "外联二维码1",
    }
    if number % 10:
        contact["unionid"] = f"ozynqsulJFCZ2z1aYeS8h-nuasd{number:05}"
    else:
        contact |= {
            "type": 2,
            "position": "采购经理",
            "corp_name": "某某公司",
            "corp_full_name": "某某科技有限公司",
        }
        follow["remark_corp_name"] = "某某科技"
    if number % 20 == 0:
        contact["external_profile"] = {
            "external_attr": [
                {"type": 0, "name": "文本名称", "text": {"value": "文本"}},
                {"type": 1, "name": "网页", "web": {"url": "http://www.test.com", "title": "标题"}},
            ]
        }
    return {"external_contact": contact, "follow_info": follow}


def page(first: int = 0, count: int = 100, cursor: str = "") -> bytes:
    """A page of customers as WeCom sends it."""
    records = [customer(number) for number in range(first, first + count)]
    reply = {"errcode": 0, "errmsg": "ok", "external_contact_list": records, "next_cursor": cursor}
    return orjson.dumps(reply)


MASS_MESSAGE: dict[str, Any] = {
    "chat_type": "single",
    "external_userid": [f"woAJ2GCAAAXtWyujaWJHDDGi0mACA{number:03}" for number in range(100)],
    "sender": "zhangsan",
    "text": {"content": "文本消息内容" * 20},
    "attachments": [
        {"msgtype": "image", "image": {"media_id": "MEDIA_ID"}},
        {
            "msgtype": "link",
            "link": {
                "title": "消息标题",
                "picurl": "https://example.pic.com/path",
                "desc": "消息描述",
                "url": "https://example.link.com/path",
            },
        },
        {
            "msgtype": "miniprogram",
            "miniprogram": {
                "title": "消息标题",
                "pic_media_id": "MEDIA_ID",
                "appid": "wx8bd80126147df384",
                "page": "/path/index",
            },
        },
        {"msgtype": "video", "video": {"media_id": "MEDIA_ID"}},
        {"msgtype": "file", "file": {"media_id": "MEDIA_ID"}},
    ],
}
"""A mass message with five attachments, as it goes out."""

CALL = "/cgi-bin/externalcontact/add_contact_way"
WAY: dict[str, Any] = {
    "type": 1,
    "scene": 2,
    "style": 1,
    "remark": "渠道客户",
    "state": "teststate",
    "user": ["zhangsan"],
}
"""A contact way to add, and where: the call that is measured."""
