"""Moments: a job makes them, members publish them, customers see them.

Hand-written: edit codegen/surfaces/testing/_calls/moments.py.
"""

from functools import partial

from .._answers import Ask, answers, text
from .._limits import DAY, MINUTE
from .._pages import paged
from .._refusals import Refusal
from .._things import Data, Job, Moment, Publication, Reaction
from .._world import World

SPAN = 30 * DAY


def job_of(ask: Ask, kind: str) -> Job:
    """The job a call means, while it lives."""
    lifetimes = ask.corp.lifetimes
    life = lifetimes.job if kind == "moment" else lifetimes.upload_job
    job = ask.corp.jobs.get(ask["jobid"])
    if job is None or job.kind != kind or ask.corp.clock.time() >= job.create_time + life:
        raise Refusal(40088)
    return job


def start(corp: World, job: Job) -> None:
    """Begin a job; it is done after some looks at it, or after a minute."""
    corp.jobs[job.id] = job
    corp.clock.at(corp.clock.time() + MINUTE, partial(corp.finish_job, job))


def look(corp: World, job: Job) -> int:
    """The status of a job: 1 begun, 2 running, 3 done."""
    job.asked += 1
    if job.asked > corp.manner.job_polls:
        corp.finish_job(job)
    return 3 if job.done else min(job.asked, 2)


def check_mixture(attachments: list[Data]) -> None:
    """Nine images, or one video, or one link."""
    kinds = {each["msgtype"] for each in attachments}
    if len(kinds) > 1:
        raise Refusal(41065, "attachments of different types")
    if kinds and kinds != {"image"} and len(attachments) > 1:
        raise Refusal(41064)


@answers("moment.add_task")
def add_task(ask: Ask) -> Data:
    corp = ask.corp
    attachments = ask.get("attachments", [])
    if not text(ask.data) and not attachments:
        raise Refusal(41089)
    check_mixture(attachments)
    attachments = corp.checked(attachments, use=1)
    running = sum(job.kind == "moment" and not job.done for job in corp.jobs.values())
    if corp.limits.quotas and running >= corp.limits.moment_jobs:
        raise Refusal(41078)
    seen = ask.get("visible_range") or {}
    senders = seen.get("sender_list") or {}
    users, parties = senders.get("user_list") or [], senders.get("department_list") or []
    tags = (seen.get("external_contact_list") or {}).get("tag_list") or []
    serving = {member.userid for member in corp.serving() if ask.sees(member.userid)}
    bad_users = [each for each in users if each not in serving]
    known = corp.departments if ask.sight is None else ask.sight.departments
    bad_parties = [each for each in parties if each not in known]
    bad_tags = [each for each in tags if not is_corp_tag(corp, each)]
    good_tags = [each for each in tags if each not in bad_tags]
    publishers = [each for each in users if each in serving]
    publishers += [m.userid for m in corp.within(parties) if m.userid in serving]
    if not users and not parties:
        # Without tags all members are asked, with tags those who follow a customer with one of them.
        publishers = [
            userid
            for userid in sorted(serving)
            if not tags or (good_tags and corp.moment_audience(corp.members[userid], good_tags))
        ]
    result: Data = {}
    # Who is not there is left out in silence, and only told in the result.
    if bad_users or bad_parties:
        result["invalid_sender_list"] = {"user_list": bad_users, "department_list": bad_parties}
    if bad_tags:
        result["invalid_external_contact_list"] = {"tag_list": bad_tags}
    job = Job(f"job{corp.ids.body('job', 40)}", "moment", corp.clock.seconds(), result, app=ask.app)
    if publishers and (good_tags or not tags):
        job.moment = Moment(
            f"mom{corp.ids.body('mom', 29)}",
            ask.app,
            corp.clock.seconds(),
            text(ask.data),
            attachments,
            tags=good_tags,
            publications={each: Publication(each) for each in publishers},
        )
        result |= {"errcode": 0, "errmsg": "ok", "moment_id": job.moment.moment_id}
    else:
        result |= {"errcode": 81013, "errmsg": Refusal(81013).words}
    start(corp, job)
    return {"jobid": job.id}


@answers("moment.get_task_result")
def get_task_result(ask: Ask) -> Data:
    job = job_of(ask, "moment")
    status = look(ask.corp, job)
    reply: Data = {"status": status, "type": "add_moment_task"}
    return {**reply, "result": job.result} if status == 3 else reply


def moment_of(ask: Ask, of_corp: bool = False) -> Moment:
    moment = ask.corp.moments.get(ask["moment_id"])
    if moment is None or moment.deleted:
        raise Refusal(41060)
    if of_corp and moment.creator is not None:
        raise Refusal(41067)
    return moment


@answers("moment.cancel_task")
def cancel_task(ask: Ask) -> None:
    moment_of(ask, of_corp=True).cancelled = True


def show_moment(moment: Moment) -> Data:
    shown: Data = {
        "moment_id": moment.moment_id,
        "create_time": moment.create_time,
        "create_type": 0 if moment.creator is None else 1,
        "visible_type": 0 if moment.tags else 1,
    }
    if moment.creator is not None:
        shown["creator"] = moment.creator
    if moment.text is not None:
        shown["text"] = {"content": moment.text}
    for attachment in moment.attachments:
        kind = attachment["msgtype"]
        payload = attachment[kind]
        if kind == "image":
            shown.setdefault("image", []).append({"media_id": payload["media_id"]})
        elif kind == "video":
            shown["video"] = {"media_id": payload["media_id"]}
        else:
            # The cover that a link was made with is not given back.
            shown["link"] = {key: payload[key] for key in ("title", "url") if key in payload}
    if moment.location is not None:
        shown["location"] = moment.location
    return shown


@answers("moment.list")
def list_(ask: Ask) -> Data:
    begin, end = ask["start_time"], ask["end_time"]
    if not 0 <= end - begin <= SPAN:
        raise Refusal(40058, "the time span is more than 30 days, or less than nothing")
    kinds = {0: (True,), 1: (False,)}.get(ask.get("filter_type", 2), (True, False))
    creator = ask.get("creator")
    ask.corp.check_known([creator] if creator else [])
    found = [
        moment
        for moment in reversed(ask.corp.moments.values())
        # Both ends are open.
        if not moment.deleted
        and begin < moment.create_time < end
        and (moment.creator is None) in kinds
        and creator in (None, "", moment.creator)
        and (moment.creator is None or ask.sees(moment.creator))
    ]
    found.sort(key=lambda moment: -moment.create_time)
    query = (begin, end, creator, kinds)
    shown, end_ = paged(ask.name, ask.data, found, show_moment, query=query)
    return {"moment_list": ask.corp.with_live_media(shown), **end_}


@answers("moment.get_task")
def get_task(ask: Ask) -> Data:
    moment = moment_of(ask, of_corp=True)
    if moment.asked < ask.corp.manner.dispatch_polls:
        moment.asked += 1
        raise Refusal(41079)

    def show(publication: Publication) -> Data:
        published = publication.published_at is not None
        return {"userid": publication.userid, "publish_status": int(published)}

    tasks = [each for each in moment.publications.values() if ask.sees(each.userid)]
    shown, end = paged(ask.name, ask.data, tasks, show, query=moment.moment_id)
    return {"task_list": shown, **end}


def publication_of(ask: Ask) -> tuple[Moment, Publication]:
    moment = moment_of(ask)
    publication = moment.publications.get(ask["userid"])
    if publication is None:
        raise Refusal(41061)
    if publication.published_at is None:
        raise Refusal(41062)
    return moment, publication


def is_corp_tag(corp: World, id: str) -> bool:
    """Whether a tag is there, and none of a strategy."""
    tag = corp.tags.get(id)
    return tag is not None and not tag.deleted and tag.group.strategy_id is None


@answers("moment.get_customer_list")
def get_customer_list(ask: Ask) -> Data:
    moment, publication = publication_of(ask)
    shown, end = paged(
        ask.name,
        ask.data,
        publication.chosen,
        lambda customer: {"userid": publication.userid, "external_userid": customer},
        query=(moment.moment_id, publication.userid),
    )
    return {"customer_list": shown, **end}


@answers("moment.get_send_result")
def get_send_result(ask: Ask) -> Data:
    moment, publication = publication_of(ask)
    follows = ask.corp.members[publication.userid].follows
    # Who was chosen and has parted from the member since does not see it any more.
    viewers = [each for each in publication.chosen if each in follows and not follows[each].deleted]
    shown, end = paged(
        ask.name,
        ask.data,
        viewers,
        lambda customer: {"external_userid": customer},
        query=(moment.moment_id, publication.userid),
    )
    return {"customer_list": shown, **end}


@answers("moment.get_comments")
def get_comments(ask: Ask) -> Data:
    _, publication = publication_of(ask)

    def show(reaction: Reaction) -> Data:
        key = "userid" if reaction.member else "external_userid"
        return {key: reaction.who, "create_time": reaction.time}

    return {
        "comment_list": [show(each) for each in publication.comments],
        "like_list": [show(each) for each in publication.likes],
    }
