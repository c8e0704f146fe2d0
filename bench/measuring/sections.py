"""What can be measured, by name."""
from .fanout import fanout
from .flat import flat
from .ingest import ingest
from .memory import memory
from .readers import slow, storm
from .shards import shards
from .tls import tls

SECTIONS = {
    "fanout": (fanout, "one message to everybody, beside every peer"),
    "shards": (shards, "what a second shard brings, on the core of the readers"),
    "ingest": (ingest, "how many bulletins a second are acknowledged as on the disk"),
    "tls": (tls, "what TLS costs, in the engine and in haproxy before it"),
    "slow": (slow, "whether those who do not read hold up the others"),
    "storm": (storm, "everybody is cut off, and the server killed; until all have everything"),
    "flat": (flat, "the cost of a delivery with more readers, and with a long log"),
    "memory": (memory, "whether memory grows with the bulletins that were ever taken in"),
}
