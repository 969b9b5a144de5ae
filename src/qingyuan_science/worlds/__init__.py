"""A synthetic district with known truth, for the demo, the tests and the benches alike.

One call makes everything: ``World(epoch=...)``. Same seed and epoch, same bytes, in any process, from any moment on:
nothing here has a running state, every value is a function of (seed, channel, absolute time).

How the parts build on each other, bottom first::

    scene/        what does not change
        tables/           names, places and people, as data
        credit_code       check digits
        geography         the land in kilometres: outline, river, brooks, roads, a tiling in three levels
        district          the same in WGS-84: 160 grid cells, three watercourses
        enterprises, people
        channels          what each kind of station measures, and how it behaves on an ordinary day
        stations          who measures where, how the logger speaks, which limits bind
    signals/      what changes with time
        noise             hashes of (key, time) in place of a random generator
        ordinary          values of ordinary days
        truth             episodes (who discharged what, when), what they do downstream, hours of service and of loss
        samples           instrument readings every 30 s, and the means that a logger makes of them
    packets       HJ 212 messages in order of sending
    world         all of it under one name: ``World``
    logger        settings and memory of a logger, and how it can misbehave
    executing     what a logger does when a host asks
    answering     the logger's side of an exchange
    overpasses    what satellites see of it, with the truth behind each pixel
    filming       what two cameras see of it, drawn
    above         a platform above that data are handed on to, slow and refusing at times
    device        a logger as a state machine without sockets: data, answers, repeats, a replay buffer

To see the truth, ask ``World.episodes``; to see what sensors say, ``World.messages``; to speak like a device,
``Device``.
"""

from qingyuan_science.worlds.device import Device
from qingyuan_science.worlds.errors import BadInterval, NoDistrict, NoSuchChannel, NoSuchKind, NoSuchStation, WorldError
from qingyuan_science.worlds.logger import Behaviour, Logger
from qingyuan_science.worlds.packets import DAILY, HOURLY, KINDS, REALTIME, TEN_MINUTE
from qingyuan_science.worlds.scene.channels import AMBIENT_AIR, OUTLET_GAS, OUTLET_WATER, SURFACE_WATER, Profile
from qingyuan_science.worlds.scene.district import Cell, District, Road, Watercourse
from qingyuan_science.worlds.scene.enterprises import Enterprise
from qingyuan_science.worlds.scene.people import Organisation, Person
from qingyuan_science.worlds.scene.stations import LimitClass, Station
from qingyuan_science.worlds.signals.truth import Episode, Exposure, Interruption
from qingyuan_science.worlds.world import DEFAULT_SEED, World

__all__ = [
    "AMBIENT_AIR",
    "DAILY",
    "DEFAULT_SEED",
    "HOURLY",
    "KINDS",
    "OUTLET_GAS",
    "OUTLET_WATER",
    "REALTIME",
    "SURFACE_WATER",
    "TEN_MINUTE",
    "BadInterval",
    "Behaviour",
    "Cell",
    "Device",
    "District",
    "Enterprise",
    "Episode",
    "Exposure",
    "Interruption",
    "LimitClass",
    "Logger",
    "NoDistrict",
    "NoSuchChannel",
    "NoSuchKind",
    "NoSuchStation",
    "Organisation",
    "Person",
    "Profile",
    "Road",
    "Station",
    "Watercourse",
    "World",
    "WorldError",
]
