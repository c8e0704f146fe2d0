"""What TLS costs: in the engine itself, and in a proxy before it."""
import os

from . import machine, peers
from .checks import full_of
from .deliveries import CPU_AND_LATENCIES, of_phase
from .figures import HERD_FULL, Figure

CONNECTIONS = 5_000
COLUMNS = [
    *CPU_AND_LATENCIES,
    Figure("burst_cpu_us", "CPU a delivery, burst, µs", peers.CoalescingFloor.name),
    Figure("rss_per_conn", "server's memory a connection, B", ""),
    Figure("kernel_per_conn", "the kernel's, of both ends, B", ""),
    Figure("connect_cpu_us", "CPU a connect, µs"),
    Figure("connect_s", "all connect, s"),
    Figure("again_cpu_us", "CPU a reconnect, µs"),
    Figure("again_s", "all reconnect, s"),
    Figure("resumed", "TLS sessions resumed then", ""),
    Figure("missed", "missed", ""),
]
ABOUT = (
    "CPU is the server's, in the last row haproxy's and the engine's together. All connect at "
    "once, with full handshakes; later all are cut off and reconnect at once, resuming their TLS "
    "sessions. × is the ratio to the loop of send() over plain TCP, of bursts to the loop that "
    "coalesces.")


def certificate(stage):
    """A key and a certificate of its own for localhost, in one file each and both in one."""
    folder = stage.new_folder("tls")
    key, cert, both = (os.path.join(folder, name) for name in ("key.pem", "cert.pem", "both.pem"))
    stage.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
               "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
               "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", cert])
    with open(both, "w", encoding="ascii") as out:
        for path in (cert, key):
            with open(path, encoding="ascii") as part:
                out.write(part.read())
    os.chmod(both, 0o600)
    return key, cert, both


class TlsFloor(peers.CoalescingFloor):
    name, title = "floor-tls", "the same loop over TLS, an OpenSSL object for each reader"

    def __init__(self, context, files):
        super().__init__(context)
        key, cert, _ = files
        self.options = (*self.options, f"tls={cert},{key}")

    def herd(self, size, bodies):
        return [*super().herd(size, bodies), "--tls"]


class TlsEngine(peers.Engine):
    name, title = "engine-tls", "tocsind, 1 shard, TLS of its own"

    def __init__(self, context, bulletins, files):
        super().__init__(context, bulletins)
        key, cert, _ = files
        self.more = ("--tls-cert", cert, "--tls-key", key)

    def herd(self, size, bodies):
        return [*super().herd(size, bodies), "--tls"]


class Haproxy(peers.Peer):
    """TLS ends in haproxy, mode tcp, one thread; the engine behind it on the same core."""

    name, title = "engine-haproxy", "haproxy with TLS before tocsind, 1 shard"

    def __init__(self, context, bulletins, files):
        super().__init__(context)
        self.engine = peers.Engine(context, bulletins)
        self.both = files[2]

    def start(self):
        self.engine.start()
        packages = self.context.packages
        program = packages.program("haproxy", "haproxy")
        self.environment = packages.environment()
        self.port = machine.free_port()
        self.launch([program, "-f", self.stage.write("haproxy.cfg", f"""
global
  maxconn 9500
  nbthread 1
defaults
  mode tcp
  timeout connect 5s
  timeout client 1h
  timeout server 1h
frontend readers
  bind 127.0.0.1:{self.port} ssl crt {self.both} backlog 4096
  default_backend engine
backend engine
  server engine 127.0.0.1:{self.engine.port}
""")])

    def pids(self):
        return [*super().pids(), *self.engine.pids()]

    def herd(self, size, bodies):
        behind = self.engine.herd(size, bodies)
        return ["--port", str(self.port), *behind[2:], "--tls", "--pub-plain", "--pub-port",
                str(self.engine.port)]

    def end(self):
        super().end()
        self.engine.end()


def tls(run):
    conns = min(CONNECTIONS, run.options.conns)
    quick = run.options.quick
    warm, slowly, burst = (("burst:25:1", "burst:20:1", "burst:50:50") if not quick else
                           ("burst:5:1", "burst:4:1", "burst:10:10"))
    files = certificate(run.stage)
    context, bulletins = run.context, run.bulletins
    made = {kind.name: (kind.title, maker) for kind, maker in (
        (peers.Floor, lambda: peers.Floor(context)),
        (peers.CoalescingFloor, lambda: peers.CoalescingFloor(context)),
        (TlsFloor, lambda: TlsFloor(context, files)),
        (peers.Engine, lambda: peers.Engine(context, bulletins)),
        (TlsEngine, lambda: TlsEngine(context, bulletins, files)),
        (Haproxy, lambda: Haproxy(context, bulletins, files)))}
    rows = run.rows(made, conns)

    def measure(row):
        told = run.once(made[row.name][1](), [warm, slowly, burst, "storm"], conns)
        one = of_phase(told, slowly)
        return {**one, "burst_cpu_us": told[burst]["server_cpu_us"],
                "rss_per_conn": told["rss_per_conn"], "kernel_per_conn": told["kernel_per_pair"],
                "connect_cpu_us": told["connect"]["server_cpu_us_per_conn"],
                "connect_s": told["connect"]["seconds"],
                "again_cpu_us": told["storm"]["server_cpu_us_per_conn"],
                "again_s": told["storm"]["seconds"], "resumed": told["storm"].get("resumed"),
                HERD_FULL: one[HERD_FULL] + full_of(told, {"burst_cpu_us": [burst]})}

    run.rounds("tls", rows, measure)
    run.publish("tls", f"TLS: {conns:,} connections, {bulletins.bytes:,} octets", ABOUT, COLUMNS,
                rows)
