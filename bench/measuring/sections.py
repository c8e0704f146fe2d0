"""What can be measured, by name."""
from .fanout import fanout
from .flat import flat, memory
from .ingest import ingest
from .readers import slow, storm
from .tls import tls

SECTIONS = {
    "fanout": (fanout, "one message to everybody, beside every peer"),
    "ingest": (ingest, "how many bulletins a second are acknowledged as on the disk"),
    "tls": (tls, "what TLS costs, in the engine and in haproxy before it"),
    "slow": (slow, "whether those who do not read hold up the others"),
    "storm": (storm, "everybody is cut off, and the server killed; until all have everything"),
    "flat": (flat, "the cost of a delivery with more readers, and with a long log"),
    "memory": (memory, "what a bulletin leaves behind in the process"),
}
