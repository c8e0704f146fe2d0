"""The servers that are compared: how each is started, and how a herd speaks to it."""
import os
import shutil
import time

from . import machine
from .machine import Fault

DESCRIPTORS = 19_000  # that a server is told it may use


class Context:
    """What all peers need: where programs are, and the stage on which they run."""

    def __init__(self, stage, programs, packages, root, build):
        self.stage = stage
        self.programs = programs  # folder of what was built here
        self.packages = packages
        self.root = root
        self.build = build

    def built(self, name):
        return os.path.join(self.programs, name)


class Peer:
    """One server. `start` makes it listen; `herd` says how readers and a publisher speak to it."""

    name = title = ""
    raw = False  # published by a protocol without an answer for each message
    may_miss = False  # drops what a reader does not take at once, and says so

    def __init__(self, context):
        self.context = context
        self.stage = context.stage
        self.server = None
        self.port = 0
        self.environment = None
        self.folder = None
        self.cpus = None
        self.command = None

    def __enter__(self):
        """It listens, until the block ends."""
        try:
            self.start()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def launch(self, command):
        self.command = command
        self.server = self.stage.start(self.name, command, self.cpus, self.environment,
                                       self.folder)
        self.stage.wait_for_port(self.server, self.port)

    def pids(self):
        return self.server.pids()

    def herd(self, size, bodies):
        """Options of the herd. `size`: octets of what readers get; `bodies`: signed bulletins."""
        return ["--port", str(self.port), "--size", str(size), "--pub-url", "/publish"]

    def end(self):
        if self.server:
            self.stage.end(self.server)
            self.server = None


class Floor(Peer):
    """send() in a loop over all sockets and nothing else: what the kernel costs."""

    name, title = "floor", "loop of send()"
    options = ()

    def start(self):
        self.port = machine.free_port()
        self.launch([self.context.built("bench_floor"), str(self.port), *self.options])


class CoalescingFloor(Floor):
    name, title = "floor-coalescing", "loop of send(), what came together goes together"
    options = ("coalesce",)


class Engine(Peer):
    """tocsind with a fresh log, or that of `data`; everything signed, verified and on the disk."""

    name, title = "engine", "tocsind, 1 shard"
    shards = 1
    more = ()  # options besides
    query = "status=Exercise"

    def __init__(self, context, bulletins, data=None):
        super().__init__(context)
        self.bulletins = bulletins
        self.data = data
        self.head = 0
        self.ready_s = 0.0

    def start(self):
        self.port = machine.free_port()
        self.data = self.data or self.stage.path("data")
        config = self.stage.write("config.toml", f"[limits]\nconnections = {DESCRIPTORS}\n")
        self.command = [self.context.built("tocsind"), "--data", self.data, "--trust",
                        self.bulletins.trust, "--listen", f"127.0.0.1:{self.port}", "--config",
                        config, "--shards", str(self.shards), *self.more]
        began = time.monotonic()
        self.server = self.stage.start(self.name, self.command, self.cpus, self.environment)
        ready = self.stage.wait_for_line(self.server)
        self.ready_s = time.monotonic() - began
        self.head = ready["head"]

    def herd(self, size, bodies):
        return ["--port", str(self.port), "--path", f"/v1/stream?{self.query}",
                "--pub-url", "/v1/alerts", "--bodies", bodies,
                "--marker", '"type":"alert","seq":', "--first-id", str(self.head + 1)]


class EngineTwoShards(Engine):
    name, title = "engine-2", "tocsind, 2 shards, on both cores"
    shards = 2

    def start(self):
        self.cpus = set(machine.both_cpus())
        super().start()


class Nchan(Peer):
    name, title = "nchan", "nginx with nchan"
    packages = ("nginx-light", "libnginx-mod-nchan")

    def start(self):
        packages = self.context.packages
        nginx = packages.program("nginx", *self.packages)
        module = packages.file("/usr/lib/nginx/modules/ngx_nchan_module.so", *self.packages)
        self.environment = packages.environment()
        self.port = machine.free_port()
        folder = self.stage.new_folder("nginx")
        user = "user root;" if os.geteuid() == 0 else ""
        paths = " ".join(f"{name}_temp_path {folder}/{name};" for name in (
            "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config = self.stage.write("nginx.conf", f"""load_module {module};
daemon off; worker_processes 1; worker_rlimit_nofile 20000; {user}
pid {folder}/pid; error_log {folder}/errors warn;
events {{ worker_connections 19990; multi_accept on; }}
http {{
  access_log off; nchan_shared_memory_size 512M; keepalive_requests 1000000;
  {paths}
  server {{
    listen 127.0.0.1:{self.port} backlog=4096;
    location = /publish {{
      nchan_publisher http; nchan_channel_id alert; nchan_message_buffer_length 200;
    }}
    location = /sub {{
      nchan_subscriber websocket; nchan_channel_id alert; nchan_subscriber_first_message newest;
    }}
  }}
}}
""")
        self.launch([*self._own_var_lib(), nginx, "-p", folder, "-e", f"{folder}/errors", "-c",
                     config])
        self.stage.wait_for_child(self.server)

    @staticmethod
    def _own_var_lib():
        """The module makes a folder in /var/lib/nginx and can be told no other. Where that is not
        there, nginx gets a /var/lib that nobody else sees."""
        if os.path.isdir("/var/lib/nginx") and os.access("/var/lib/nginx", os.W_OK):
            return []
        own = [] if os.geteuid() == 0 else ["--map-root-user"]
        return ["unshare", *own, "--mount", "bash", "-c",
                'mount -t tmpfs tmpfs /var/lib && mkdir /var/lib/nginx && exec "$@"', "bash"]

    def herd(self, size, bodies):
        return [*super().herd(size, bodies), "--path", "/sub"]


class NodeWs(Peer):
    name, title = "node-ws", "node ws"

    def start(self):
        self.folder = self._modules()
        self.port = machine.free_port()
        server = os.path.join(self.context.root, "bench", "measuring", "node_ws.mjs")
        self.launch([shutil.which("node"), server, str(self.port)])

    def _modules(self):
        """A folder from which `ws` is found: the tests' own, or one fetched with npm."""
        tests = os.path.join(self.context.root, "tests")
        if not shutil.which("node"):
            raise Fault("there is no node here")
        if os.path.isdir(os.path.join(tests, "node_modules", "ws")):
            return tests
        folder = os.path.join(self.context.build, "peers", "node")
        if not os.path.isdir(os.path.join(folder, "node_modules", "ws")):
            os.makedirs(folder, exist_ok=True)
            self.stage.run([shutil.which("npm"), "install", "--prefix", folder, "--no-audit",
                            "--no-fund", "ws@8"])
        return folder


class Nats(Peer):
    name, title, raw, may_miss = "nats", "nats-server over WebSocket", True, True

    def start(self):
        program = self.context.packages.program("nats-server", "nats-server")
        self.port, self.publish_port = machine.free_port(), machine.free_port()
        self.launch([program, "-c", self.stage.write("nats.conf", f"""
listen: 127.0.0.1:{self.publish_port}
max_connections: 19900
max_pending: 64MB
websocket {{ listen: "127.0.0.1:{self.port}", no_tls: true }}
""")])

    def herd(self, size, bodies):
        return ["--port", str(self.port), "--size", str(size),
                "--hello", 'CONNECT {"verbose":false,"pedantic":false,"echo":false}\\r\\n'
                           'SUB alert 1\\r\\nPING\\r\\n',
                "--hello-binary", "--hello-reply", "PONG", "--pub-port", str(self.publish_port),
                "--pub-raw-hello", 'CONNECT {"verbose":false}\\r\\n',
                "--pub-raw", "PUB alert {len}\\r\\n{body}\\r\\n"]


def mqtt_length(octets):
    """MQTT's variable length, as escapes."""
    text = ""
    while True:
        octets, low = divmod(octets, 128)
        text += f"\\x{low | (128 if octets else 0):02x}"
        if not octets:
            return text


class Mosquitto(Peer):
    name, title, raw, may_miss = "mosquitto", "mosquitto over WebSocket", True, True

    def start(self):
        program = self.context.packages.program("mosquitto", "mosquitto")
        self.environment = self.context.packages.environment()
        self.port, self.publish_port = machine.free_port(), machine.free_port()
        user = "user root\n" if os.geteuid() == 0 else ""
        self.launch([program, "-c", self.stage.write("mosquitto.conf", f"""
listener {self.publish_port} 127.0.0.1
listener {self.port} 127.0.0.1
protocol websockets
allow_anonymous true
max_queued_messages 1000
{user}""")])

    def herd(self, size, bodies):
        connect = "\\x10\\x0c\\x00\\x04MQTT\\x04\\x02\\x00\\x00\\x00\\x00"
        publish = "\\x30" + mqtt_length(size + 7) + "\\x00\\x05alert{body}"
        return ["--port", str(self.port), "--size", str(size), "--subprotocol", "mqtt",
                "--hello", connect, "--hello2", "\\x82\\x0a\\x00\\x01\\x00\\x05alert\\x00",
                "--hello-binary", "--hello-reply", "\\x90\\x03\\x00\\x01\\x00",
                "--pub-port", str(self.publish_port), "--pub-raw-hello", connect,
                "--pub-raw", publish]
