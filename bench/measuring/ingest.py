"""How many bulletins a second are taken in, with a promise that they are on the disk; beside what
the disk allows, and beside others who promise less or check nothing."""
import csv
import json
import os
import re

from . import machine, peers
from .figures import Figure, Row

COLUMNS = [
    Figure("per_s", "a second", "rocks"),
    Figure("p50_ms", "p50, ms", "rocks"),
    Figure("p99_ms", "p99, ms", "rocks"),
    Figure("server_cpu_us", "server CPU each, µs", ""),
    Figure("client_cpu_us", "client CPU each, µs", ""),
]
ABOUT = (
    "How many a second are answered as on the disk; servers and clients share both cores. tocsind "
    "verifies a signature, reads XML against the schema and judges it first. The others check "
    "nothing: Redis flushes before it answers (appendfsync always), RocksDB and the file are "
    "synced, and JetStream answers before any flush, so its rows promise less. × is the ratio to "
    "RocksDB with as many writers.")
VALUE_BYTES = 1500
MANY = 64


class Redis(peers.Peer):
    name, title = "redis", "Redis"

    def start(self):
        packages = self.context.packages
        server = packages.program("redis-server", "redis-server", "redis-tools")
        self.environment = packages.environment()
        self.port = machine.free_port()
        self.cpus = set(machine.both_cpus())
        self.launch([server, "--bind", "127.0.0.1", "--port", str(self.port), "--save", "",
                     "--appendonly", "yes", "--appendfsync", "always", "--dir",
                     self.stage.new_folder("redis")])


class JetStream(peers.Peer):
    name, title = "jetstream", "JetStream"

    def start(self):
        program = self.context.packages.program("nats-server", "nats-server")
        self.port = machine.free_port()
        self.cpus = set(machine.both_cpus())
        folder = self.stage.new_folder("jetstream")
        self.launch([program, "-c", self.stage.write("jetstream.conf", f"""
listen: 127.0.0.1:{self.port}
jetstream {{ store_dir: "{folder}" }}
""")])


class EngineOnAll(peers.Engine):
    shards = 0

    def start(self):
        self.cpus = set(machine.both_cpus())
        super().start()


def milliseconds(told):
    return {"per_s": told["per_s"], "p50_ms": told["p50_us"] / 1e3, "p99_ms": told["p99_us"] / 1e3,
            "client_cpu_us": told["client_cpu_us"]}


def of_redis_benchmark(text):
    """Its CSV has a head: "test","rps","avg_latency_ms",… in milliseconds."""
    row = next(csv.DictReader(text.strip().splitlines()))
    return {"per_s": float(row["rps"]), "p50_ms": float(row["p50_latency_ms"]),
            "p99_ms": float(row["p99_latency_ms"])}


def of_bench_append(text):
    """{in flight: records a second} of its lines `append,  64 in flight: 12503/s`."""
    return {int(n): float(rate)
            for n, rate in re.findall(r"append, +(\d+) in flight: (\d+)/s", text)}


def many(count, what):
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


class Ingest:
    """The rows, and how each is measured once."""

    def __init__(self, run):
        self.run = run
        self.stage = run.stage
        self.context = run.context
        self.seconds = 0.5 if run.options.quick else 4
        self.program = self.context.built("bench_ingest")
        few, many = (200, 1000) if run.options.quick else (3000, 40_000)
        self.bulletins = run.bulletins_of(few + many)
        self.parts = {1: self.bulletins.part(0, few), MANY: self.bulletins.part(few, many)}

    def rows(self):
        posted = self.posted_bytes()
        made = []

        def add(name, title, measure, clients, octets=VALUE_BYTES):
            row = Row(f"{name}-{clients}", f"{title}, {octets:,} octets", f"rocks-{clients}",
                      bytes=octets)
            made.append((row, lambda: measure(clients)))

        for clients in (1, MANY):
            add("engine", f"tocsind, {many(clients, 'client')}", self.engine, clients, posted)
        add("engine-pipelined", f"tocsind, 1 client with {MANY} requests on their way",
            self.pipelined, MANY, posted)
        for clients in (1, 8, MANY):
            add("rocks", f"RocksDB alone, {many(clients, 'writer')}", self.rocks, clients)
        add("file", "write and fdatasync alone, 1 writer", self.file, 1)
        for clients in (1, MANY):
            add("log", f"tocsind's log alone, {clients} in flight", self.append, clients)
        for clients in (1, MANY):
            add("redis", f"Redis XADD, {many(clients, 'client')}", self.redis, clients)
        for clients in (1, MANY):
            add("jetstream", f"JetStream, not waiting for the disk, {many(clients, 'client')}",
                self.jetstream, clients)
        return [(row, measure) for row, measure in made
                if self.run.wants(row.name.split("-")[0])]

    def posted_bytes(self):
        """Of a bulletin as it is posted, on average: its XML in base64 in an envelope."""
        return os.path.getsize(self.bulletins.path) // self.bulletins.count - 1

    def client(self, *words):
        return json.loads(self.stage.run([self.program, *words]))

    def served(self, server, mode, *words):
        """bench_ingest against a server that listens, with what that cost the server."""
        before = machine.cpu_ns(server.pids())
        told = self.client(mode, "--port", str(server.port), *words)
        used = machine.cpu_ns(server.pids()) - before
        return {**milliseconds(told), "server_cpu_us": used / 1e3 / told["answered"]}

    def engine(self, clients):
        return self.posted(clients, "--clients", str(clients))

    def pipelined(self, requests):
        return self.posted(requests, "--clients", "1", "--pipeline", str(requests))

    def posted(self, part, *how):
        with EngineOnAll(self.context, self.bulletins) as server:
            return self.served(server, "http", "--bodies", self.parts[part], *how)

    def jetstream(self, clients):
        with JetStream(self.context) as server:
            return self.served(server, "nats", "--clients", str(clients), *self.of_one_size())

    def redis(self, clients):
        with Redis(self.context) as server:
            return self.xadd(server, clients)

    def xadd(self, server, clients):
        program = self.context.packages.program("redis-benchmark", "redis-tools")
        count = (500 if clients == 1 else 2000) if self.run.options.quick else \
            (10_000 if clients == 1 else 100_000)
        before = machine.cpu_ns(server.pids())
        text = self.stage.run([program, "-p", str(server.port), "-c", str(clients), "-n",
                               str(count), "--csv", "XADD", "bulletins", "*", "body",
                               "b" * VALUE_BYTES], environment=server.environment)
        used = machine.cpu_ns(server.pids()) - before
        return {**of_redis_benchmark(text), "server_cpu_us": used / 1e3 / count}

    def of_one_size(self):
        """What is written alone is of one size, and for as long."""
        return ["--bytes", str(VALUE_BYTES), "--seconds", str(self.seconds)]

    def rocks(self, clients):
        return milliseconds(self.client("rocks", self.stage.new_folder("rocks"), "--clients",
                                        str(clients), *self.of_one_size()))

    def file(self, _):
        return milliseconds(self.client("file", self.stage.new_folder("file"),
                                        *self.of_one_size()))

    def append(self, clients):
        text = self.stage.run([self.context.built("bench_append"), self.stage.path("log"), "1",
                               *self.of_one_size()])
        rates = of_bench_append(text)
        if clients not in rates:
            raise machine.Fault(f"bench_append said nothing of {clients} in flight")
        return {"per_s": rates[clients]}


def ingest(run):
    measures = Ingest(run)
    rows = measures.rows()
    by_name = {row.name: measure for row, measure in rows}
    run.rounds("ingest", [row for row, _ in rows], lambda row: by_name[row.name]())
    run.publish("ingest", "Ingest: acknowledged bulletins", ABOUT, COLUMNS,
                [row for row, _ in rows])
    measures.bulletins.remove()
