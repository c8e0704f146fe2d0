"""What can be measured, by name."""
from .city import city
from .cluster import cluster
from .fanout import fanout
from .flat import flat
from .ingest import ingest
from .mail import mail
from .memory import memory
from .near import near
from .readers import slow, storm
from .shards import shards
from .sms import sms
from .tls import tls

SECTIONS = {
    "fanout": (fanout, "one message to everybody, beside every peer"),
    "shards": (shards, "what a second shard brings, on the core of the readers"),
    "ingest": (ingest, "how many bulletins a second are acknowledged as on the disk"),
    "cluster": (cluster, "three machines that share a log, beside JetStream with 3 replicas"),
    "tls": (tls, "what TLS costs, in the engine and in haproxy before it"),
    "slow": (slow, "whether those who do not read hold up the others"),
    "storm": (storm, "everybody is cut off, and the server killed; until all have everything"),
    "flat": (flat, "the cost of a delivery with more readers, and with a long log"),
    "memory": (memory, "whether memory grows with the bulletins that were ever taken in"),
    "near": (near, "how soon it is known whom a bulletin concerns, of up to 5.5 million"),
    "sms": (sms, "text messages through one bind, each state on the disk, beside Kannel"),
    "mail": (mail, "mails through OpenSMTPD, beside a bare loop of libcurl's"),
    "city": (city, "an Extreme alert for a city while 50,000 lesser messages leave"),
}
