"""Calls as tasks of Celery: on many machines, none lost when one of them dies.

    app = Celery("crm", broker="redis://…")
    wecom = register(app, Client.from_env, pages={"save": save})

    wecom.send.delay(codec.dump_call(CustomerRemark(…)))                    # one call
    wecom.walk.delay(codec.dump_call(CustomerBatchGet(…)), into="save")     # all its pages, one task each
    wecom.sync.delay()                                                      # a mirror's full sync, in shards

    celery -A crm worker

A message holds a call and no secret: each worker makes its client itself, of what `make_client` knows. A worker that is
killed loses nothing, and a task that the limiter would have wait for long goes back to the queue meanwhile. docs/scale.md
says what Celery and Redis must be told for it.

`pip install "wecom-contact[celery]"`

Hand-written: edit codegen/surfaces/celery/__init__.py.
"""

try:
    from ._checkpoints import Checkpoints, RedisCheckpoints
    from ._tasks import Page, Tasks, register
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] not in ("celery", "kombu", "redis"):
        raise
    raise ImportError('tasks need Celery: pip install "wecom-contact[celery]"') from None

__all__ = ["Checkpoints", "Page", "RedisCheckpoints", "Tasks", "register"]
