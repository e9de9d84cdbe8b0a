"""The outside world: what customers, members and admins do in their clients. Everything here is told by callback.

What an application does through the API tells nobody, as in reality; so does what `_arrange` arranges.

Hand-written: edit codegen/surfaces/testing/_world.py.
"""

from ._acts.groups import Groups
from ._acts.handovers import Handovers
from ._acts.links import Links
from ._acts.messages import Messages
from ._acts.tags import Tags


class World(Links, Handovers, Groups, Tags, Messages):
    """A corp in which things happen."""
