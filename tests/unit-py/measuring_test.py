"""The mathematics of bench/compare, what it reads of others, and that it ends what it starts."""
import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from types import SimpleNamespace

BENCH = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "bench")
sys.path.insert(0, BENCH)
sys.dont_write_bytecode = True

from measuring import (checks, city, cluster, deliveries, fanout, figures, flat,  # noqa: E402
                       ingest, machine, memory, near, peers, readers, run, shards, tls)
from measuring.bulletins import wire_size  # noqa: E402
from measuring.figures import Figure, Row  # noqa: E402
from measuring.sections import SECTIONS  # noqa: E402


def row(name, *rounds, floor=""):
    made = Row(name, name.title(), floor)
    for values in rounds:
        made.add(values)
    return made


class Figures(unittest.TestCase):
    def test_a_median_stands_between_the_lowest_and_the_highest(self):
        self.assertEqual(figures.spread([3, 1, 2]),
                         {"median": 2, "low": 1, "high": 3, "rounds": 3})
        self.assertEqual(figures.spread([1, 2])["median"], 1.5)

    def test_what_was_not_measured_is_no_zero(self):
        self.assertIsNone(figures.spread([None, None]))
        self.assertEqual(figures.spread([None, 4, None])["rounds"], 1)
        self.assertEqual(figures.spread([0, 0])["median"], 0)

    def test_a_ratio_is_of_the_medians_and_missing_without_a_floor(self):
        self.assertEqual(figures.ratio(figures.spread([6, 9, 12]), figures.spread([6, 6, 7])), 1.5)
        self.assertIsNone(figures.ratio(figures.spread([6]), None))
        self.assertIsNone(figures.ratio(figures.spread([6]), figures.spread([0])))

    def test_a_weighted_mean_leaves_out_what_is_missing(self):
        self.assertEqual(figures.weighted([(1, 1), (4, 2), (None, 9)]), 3)
        self.assertIsNone(figures.weighted([(None, 3)]))

    def test_the_slope_is_that_of_the_line_through_the_points(self):
        self.assertAlmostEqual(figures.slope([(0, 5), (10, 25), (20, 45)]), 2)
        self.assertAlmostEqual(figures.slope([(0, 7), (1, 7), (2, 7)]), 0)
        self.assertIsNone(figures.slope([(3, 1), (3, 2)]))

    def test_numbers_are_written_with_the_digits_that_mean_something(self):
        self.assertEqual([figures.number(n) for n in (0, 5.678, 56.78, 567.8, 56789)],
                         ["0", "5.68", "56.8", "568", "56,789"])

    def test_each_figure_is_held_against_its_own_floor(self):
        columns = [Figure("cpu", "CPU"), Figure("burst", "burst", "other")]
        rows = [row("floor", {"cpu": 5, "burst": 8}), row("other", {"cpu": 6, "burst": 2}),
                row("engine", {"cpu": 10, "burst": 1})]
        lines = figures.result_lines("s", columns, rows, {"commit": "abc"})
        engine = json.loads(json.dumps(lines[2]))
        self.assertEqual(engine["ratio_to_floor"], {"cpu": 2, "burst": 0.5})
        self.assertEqual(engine["commit"], "abc")
        text = figures.table(columns, lines)
        self.assertIn("| Engine | 10.0 ×2.00 | 1.00 ×0.50 |", text)
        self.assertIn("| Floor | 5.00 | 8.00 ×4.00 |", text)

    def test_a_row_may_name_a_floor_of_its_own(self):
        columns = [Figure("rate", "rate", "rocks"), Figure("memory", "memory", "")]
        rows = [row("engine-1", {"rate": 5, "memory": 9}, floor="rocks-1"),
                row("engine-64", {"rate": 30}, floor="rocks-64"),
                row("rocks-1", {"rate": 10, "memory": 3}), row("rocks-64", {"rate": 40})]
        lines = figures.result_lines("ingest", columns, rows, {})
        self.assertEqual([line["ratio_to_floor"] for line in lines],
                         [{"rate": 0.5}, {"rate": 0.75}, {}, {}])

    def test_a_round_that_failed_leaves_the_others(self):
        one = row("engine", {"cpu": 4}, {"cpu": 6})
        one.faults.append("it ended")
        line, = figures.result_lines("s", [Figure("cpu", "CPU")], [one], {})
        self.assertEqual(line["figures"]["cpu"]["rounds"], 2)
        self.assertEqual(line["faults"], ["it ended"])


    def test_a_full_herd_is_marked_and_neither_side_of_it_has_a_ratio(self):
        columns = [Figure("cpu", "CPU"), Figure("burst", "burst")]
        full = {"cpu": 6, "burst": 1, figures.HERD_FULL: ["burst"]}
        calm = {"cpu": 6, "burst": 1}
        for floor, engine, floor_cell, cell in ((calm, full, "1.00", "1.00 †"),
                                                (full, calm, "1.00 †", "1.00")):
            rows = [row("floor", floor, floor), row("engine", calm, engine)]
            lines = json.loads(json.dumps(figures.result_lines("s", columns, rows, {})))
            self.assertEqual(lines[1]["ratio_to_floor"], {"cpu": 1})
            text = figures.table(columns, lines).replace(" [1.00..1.00]", "")
            text = text.replace(" [6.00..6.00]", "")
            self.assertIn(f"| Floor | 6.00 | {floor_cell} |", text)
            self.assertIn(f"| Engine | 6.00 ×1.00 | {cell} |", text)
            self.assertIn("\n\n† the herd's core was full", text)
        self.assertEqual([line["marks"] for line in lines], [{"burst": "herd_full"}, {}])

    def test_what_may_be_missed_is_marked_and_nothing_else_is(self):
        columns = [Figure("missed", "missed", "")]
        lines = figures.result_lines("s", columns, [row("nats", {"missed": 1234}),
                                                    row("engine", {"missed": 0})], {})
        text = figures.table(columns, lines)
        self.assertIn("| Nats | 1,234 ‡ |", text)
        self.assertIn("| Engine | 0 |", text)
        self.assertIn("\n\n‡ ", text)
        self.assertNotIn("‡", figures.table(columns, lines[1:]))

    def test_many_columns_stand_in_tables_below_each_other(self):
        for count, sizes in ((8, [8]), (9, [5, 4]), (14, [7, 7]), (0, [0])):
            columns = [Figure(f"f{i}", f"heading {i}") for i in range(count)]
            lines = figures.result_lines("s", columns, [row("floor", {
                one.key: i + 1 for i, one in enumerate(columns)})], {})
            heads = [line for line in figures.table(columns, lines).splitlines()
                     if line.startswith("| | ")]
            self.assertEqual([head.count("heading") for head in heads], sizes)
            self.assertEqual(figures.table(columns, lines).count("| Floor |"), len(sizes))

    def test_a_table_says_which_rounds_have_no_figures(self):
        one = row("engine", {"cpu": 4})
        one.faults.append("connect: 7 of 10 ok")
        columns = [Figure("cpu", "CPU")]
        self.assertIn("\n\nEngine, a round without figures: connect: 7 of 10 ok",
                      figures.table(columns, figures.result_lines("s", columns, [one], {})))

    def test_what_is_no_experiment_of_the_floors_kind_has_no_ratio(self):
        columns = [Figure("cpu_us", "CPU"), Figure("burst", "burst")]
        two = Row("engine-2", "Two", unlike=fanout.UNLIKE["engine-2"])
        two.add({"cpu_us": 3, "burst": 4})
        line = figures.result_lines("s", columns, [row("floor", {"cpu_us": 6, "burst": 8}), two],
                                    {})[1]
        self.assertEqual(line["ratio_to_floor"], {"burst": 0.5})
        self.assertEqual(line["figures"]["cpu_us"]["median"], 3)


class Faults(unittest.TestCase):
    """Of what a herd said, as bench_herd says it."""

    def told(self, **changes):
        phase = {"sent": 5, "deliveries": 50, **dict.fromkeys(checks.WRONG, 0), "herd_busy": 0.5}
        late = {key: value for key, value in phase.items() if key != "strays"}
        told = {"conns": 10, "connect": {"ok": 10}, "burst:5:1": phase, "storm": {"ok": 10},
                "restart:5": {**phase, "complete": 10},
                "slow": {**late, "conns": 2, "complete": 2}, "lost": 0, "closes": {"1008": 3}}
        for key, value in changes.items():
            told[key] = {**told[key], **value} if isinstance(value, dict) else value
        return told

    def test_a_run_in_which_everybody_had_everything_has_none(self):
        self.assertEqual(checks.faults_of(self.told()), [])

    def test_fewer_readers_than_asked_for_are_one(self):
        for phase, key, due in (("connect", "ok", 10), ("storm", "ok", 10),
                                ("restart:5", "complete", 10), ("slow", "complete", 2)):
            with self.subTest(phase):
                told = self.told(**{phase: {key: due - 1}})
                wanted = [f"{phase}: {due - 1} of {due} {key}"]
                self.assertEqual(checks.faults_of(told), wanted)
                self.assertEqual(checks.faults_of(told, may_miss=True), wanted)

    def test_whatever_a_reader_should_not_see_is_one_in_every_phase(self):
        for phase in ("burst:5:1", "restart:5", "slow"):
            for key in checks.WRONG:
                with self.subTest(phase + key):
                    told = self.told(**{phase: {key: 3}})
                    self.assertEqual(checks.faults_of(told), [f"{phase}: 3 {key}"])
        self.assertEqual(checks.faults_of(self.told(lost=4)), ["4 lost"])

    def test_who_promises_nobody_everything_may_miss_and_may_do_nothing_else(self):
        self.assertTrue(peers.Nats.may_miss and peers.Mosquitto.may_miss)
        for kind in (peers.Floor, peers.Engine, peers.Nchan, peers.NodeWs, tls.Haproxy):
            self.assertFalse(kind.may_miss)
        told = self.told(**{"burst:5:1": {"missed": 7}}, lost=1)
        self.assertEqual(checks.faults_of(told, may_miss=True), [])
        for key in set(checks.WRONG) - {"missed"}:
            told = self.told(**{"burst:5:1": {key: 1}})
            self.assertEqual(checks.faults_of(told, may_miss=True), [f"burst:5:1: 1 {key}"])

    def test_a_figure_is_of_a_full_herd_where_one_of_its_phases_is(self):
        told = {"a": {"herd_busy": 0.91}, "b": {"herd_busy": 0.9}}
        self.assertEqual(checks.full_of(told, {"x": ["a", "b"], "y": ["b"], "z": ["none"]}), ["x"])

    def measured(self, may_miss, **changes):
        """What a run keeps and says of one round in which the herd said this."""
        told = self.told(**changes)
        with tempfile.TemporaryDirectory() as out:
            this = run.Run.__new__(run.Run)
            this.stage = SimpleNamespace(run=lambda *_: json.dumps(told))
            this.context = SimpleNamespace(built=lambda name: name)
            this.options = SimpleNamespace(rounds=1)
            this.bulletins = SimpleNamespace(bytes=1800, path="")
            this.out, this.common, this.failed = out, {}, False
            peer = SimpleNamespace(name="peer", raw=True, may_miss=may_miss, pids=lambda: [1],
                                   herd=lambda size, bodies: [])
            one, columns = Row("peer", "Peer"), [Figure("missed", "missed", "")]
            with contextlib.redirect_stderr(io.StringIO()), \
                    contextlib.redirect_stdout(io.StringIO()):
                this.rounds("s", [one], lambda _: {
                    "missed": deliveries.missed(this.herd(peer, ["burst:5:1"], 10))})
                this.publish("s", "S", "What was done.", columns, [one])
            with open(os.path.join(out, "results.jsonl"), encoding="utf-8") as file:
                line = json.loads(file.read())
            with open(os.path.join(out, "raw.jsonl"), encoding="utf-8") as file:
                self.assertEqual(json.loads(file.read()), told)
        return this.failed, line

    def test_such_a_run_fails_has_no_figures_and_says_why_in_its_results(self):
        failed, line = self.measured(False, connect={"ok": 7}, **{"burst:5:1": {"missed": 2}})
        self.assertTrue(failed)
        self.assertEqual(line["faults"], ["connect: 7 of 10 ok; burst:5:1: 2 missed"])
        self.assertEqual(line["figures"], {})

    def test_what_may_miss_says_how_many_and_does_not_fail(self):
        failed, line = self.measured(True, **{"burst:5:1": {"missed": 2}})
        self.assertFalse(failed)
        self.assertEqual((line["faults"], line["marks"]), ([], {"missed": "missed"}))
        self.assertEqual(line["figures"]["missed"]["median"], 2)


class Herd(unittest.TestCase):
    def test_the_figures_of_a_fanout_come_from_their_phases(self):
        course = fanout.Course(quick=False)

        def phase(cpu, last):
            return {"server_cpu_us": cpu, "deliveries": 10, "missed": 0, "per_s": 7,
                    "seconds": 13.5, "first_us": 1000, "last_us": {"median": last, "max": 2 * last},
                    "lat_us": {"p50": 3000, "p99": 4000}}
        told = {"rss_per_conn": 600, "connect": {"per_s": 9000}, course.one_by_one: phase(6, 1),
                course.burst: phase(0.5, 1), course.paced: phase(3, 90_000)}
        told.update({name: phase(8, 50_000) for name in course.alone})
        told[course.alone[0]]["missed"] = 2
        told[course.burst]["herd_busy"] = told[course.alone[3]]["herd_busy"] = 0.99
        read = fanout.figures_of(told, course, raw=False)
        self.assertEqual(read[figures.HERD_FULL],
                         ["burst_cpu_us", "burst_per_s", "first_ms", "last_ms", "single_cpu_us"])
        self.assertLessEqual(set(course.phases_of()), set(read))
        self.assertEqual((read["cpu_us"], read["single_cpu_us"], read["burst_cpu_us"]), (6, 8, 0.5))
        self.assertEqual((read["first_ms"], read["last_ms"]), (1, 50))
        self.assertEqual((read["paced_p99_ms"], read["paced_last_ms"]), (4, 180))
        self.assertEqual((read["paced_behind_s"], read["missed"]), (3.5, 2))
        self.assertEqual((read["rss_per_conn"], read["connects_per_s"]), (600, 9000))

    def test_a_full_herd_is_noticed_where_nothing_should_grow(self):
        told = {"rss_per_conn": 600, "one": {
            "server_cpu_us": 6, "missed": 0, "last_us": {"median": 1}, "herd_busy": 0.95,
            "lat_us": {"p50": 1, "p99": 2}}}
        read = flat.flat_figures(told, "one")
        self.assertEqual(read[figures.HERD_FULL], ["cpu_us", "last_ms", "p50_ms", "p99_ms"])

    def test_who_publishes_without_answers_has_no_figure_for_one_post_at_a_time(self):
        course = fanout.Course(quick=True)
        self.assertNotIn(course.one_by_one, course.phases(raw=True))
        told = {name: {"server_cpu_us": 1, "deliveries": 1, "per_s": 1, "first_us": 1, "missed": 0,
                       "seconds": 1,
                       "last_us": {"median": 1, "max": 1}, "lat_us": {"p50": 1, "p99": 1}}
                for name in course.phases(raw=True)}
        told.update({"rss_per_conn": 1, "connect": {"per_s": 1}})
        self.assertIsNone(fanout.figures_of(told, course, raw=True)["cpu_us"])

    def test_there_are_bulletins_for_every_message(self):
        self.assertEqual(fanout.Course(quick=False).messages(), 25 + 20 + 10 + 100 + 300)

    def test_the_floors_message_is_as_long_as_the_engines(self):
        with open(os.path.join(BENCH, "..", "schemas", "examples", "alert.json"),
                  encoding="utf-8") as file:
            event = json.load(file)
        compact = {"separators": (",", ":")}
        self.assertEqual(
            wire_size(json.dumps(event["envelope"], **compact) + "\n", len(str(event["seq"]))),
            len(json.dumps(event, **compact)))

    def test_a_length_of_mqtt_has_seven_bits_an_octet(self):
        self.assertEqual([peers.mqtt_length(n) for n in (127, 128, 1031)],
                         ["\\x7f", "\\x80\\x01", "\\x87\\x08"])


class Rows(unittest.TestCase):
    def run_of(self, *named):
        this = run.Run.__new__(run.Run)
        this.options = SimpleNamespace(peers=list(named), conns=10, quick=True, rounds=1)
        this.bulletins = SimpleNamespace(bytes=1800, path="")
        this.context = SimpleNamespace(stage=None)
        return this

    def test_a_row_is_made_of_whatever_was_asked_for(self):
        made = {"floor": ("loop", None), "engine": ("tocsind", None, "more")}
        self.assertEqual([(one.name, one.title, one.facts) for one in self.run_of().rows(made, 7)],
                         [("floor", "loop", {"conns": 7, "bytes": 1800}),
                          ("engine", "tocsind", {"conns": 7, "bytes": 1800})])
        self.assertEqual([one.name for one in self.run_of("engine").rows(made, 7)], ["engine"])

    def test_slow_readers_are_held_against_the_same_server_whose_readers_read(self):
        this, kept = self.run_of(), []

        def once(peer, phases, conns, extra):
            cpu = 12 if extra else 6 if isinstance(peer, peers.Engine) else 3
            phase = {"server_cpu_us": cpu, "missed": 0, "lat_us": {"p50": 1, "p99": 1},
                     "last_us": {"median": 1}}
            late = {pace: {"conns": 1, "complete": 1} for pace in ("slow", "stopped") if extra}
            return {**dict.fromkeys(phases, phase), "rss_idle": 0, "rss_end": 0, **late}

        this.once = once
        this.rounds = lambda _, rows, measure: [one.add(measure(one)) for one in rows]
        this.publish = lambda section, heading, about, columns, rows: kept.extend(
            figures.result_lines(section, columns, rows, {}))
        readers.slow(this)
        self.assertEqual([one["ratio_to_floor"].get("cpu_us") for one in kept],
                         [None, 4, 2, 2])  # the loop, slow; tocsind, slow
        self.assertEqual([one["figures"].get("late_complete", {}).get("median") for one in kept],
                         [None, 2, None, 2])

    def test_a_server_that_does_not_start_is_ended_as_one_that_did(self):
        ended = []

        class Broken(peers.Peer):
            def start(self):
                self.server = "half"
                raise machine.Fault("no")

        stage = SimpleNamespace(end=ended.append)
        with self.assertRaises(machine.Fault):
            with Broken(SimpleNamespace(stage=stage)):
                self.fail("it is not there")
        self.assertEqual(ended, ["half"])


class Memory(unittest.TestCase):
    def test_what_fills_and_what_grows_are_told_apart(self):
        filling = [(10, 1000), (20, 1500), (30, 2000)]
        read = memory.growth([*filling, (40, 2070), (50, 2140)], full=30)
        self.assertAlmostEqual(read["filling"], 50)
        self.assertAlmostEqual(read["after"], 7)
        self.assertEqual(read["end_mb"], 2140 / 1e6)

    def test_each_row_has_as_many_points_before_and_after_as_a_line_needs(self):
        for step, full, total in ((memory.STEP, memory.FULL, memory.TOTAL), memory.QUICK):
            self.assertEqual((full % step, total % step), (0, 0))
            self.assertGreaterEqual(full // step, 3)
            self.assertGreaterEqual((total - full) // step, 3)
        self.assertGreaterEqual(memory.TOTAL - memory.FULL, 100_000)

    def test_memory_is_read_of_a_server_with_the_environment_of_its_row(self):
        with tempfile.TemporaryDirectory() as build, machine.Stage(build) as stage:
            engine = peers.Engine(SimpleNamespace(stage=stage, built=lambda _: "env"),
                                  SimpleNamespace(trust="trust"))
            engine.environment = memory.ROWS["engine-one-arena"][1]
            started = []
            stage.start = lambda name, command, cpus, environment: started.append(environment)
            stage.wait_for_line = lambda _: {"head": 0}
            engine.start()
            self.assertEqual(started, [{"MALLOC_ARENA_MAX": "1"}])
        self.assertGreater(machine.anonymous_bytes(os.getpid()), 100_000)


class Shards(unittest.TestCase):
    def test_the_busiest_is_held_against_all_that_work_and_the_rest_is_left_out(self):
        before, after = {"main": 1, "a": 10}, {"main": 2, "a": 310, "b": 100, "writer": 9}
        self.assertEqual(shards.fullest(before, after, 2), 0.75)
        self.assertEqual(shards.fullest(before, after, 1), 1)
        self.assertIsNone(shards.fullest(after, after, 2))

    def test_a_process_works_as_much_as_its_threads_together(self):
        pid = os.getpid()
        low = sum(machine.threads_ns(pid).values())
        between = machine.cpu_ns([pid])
        self.assertLessEqual(low, between)
        self.assertLessEqual(between, sum(machine.threads_ns(pid).values()))
        self.assertGreater(low, 0)


class Others(unittest.TestCase):
    def test_redis_benchmark_is_read_by_its_heading(self):
        text = ('"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms",'
                '"p99_latency_ms","max_latency_ms"\n'
                '"XADD bulletins","5000.5","0.1","0.1","0.19","0.2","0.34","1.0"\n')
        self.assertEqual(ingest.of_redis_benchmark(text),
                         {"per_s": 5000.5, "p50_ms": 0.19, "p99_ms": 0.34})

    def test_bench_append_is_read_by_how_many_are_in_flight(self):
        text = "open with 0 records: 0.1 s\nappend,   1 in flight: 493/s\n" \
               "append,  64 in flight: 12503/s\nfind, anywhere: 43735/s\n"
        self.assertEqual(ingest.of_bench_append(text), {1: 493, 64: 12503})

    def test_what_is_written_alone_is_of_one_size_and_as_long_and_the_table_says_the_size(self):
        commands = []

        def ran(command, *_, **__):
            commands.append(command)
            if command[0] == "bench_append":
                return "append,   1 in flight: 1/s\nappend,  64 in flight: 2/s\n"
            return json.dumps({"per_s": 1, "p50_us": 1, "p99_us": 1, "client_cpu_us": 1})

        with tempfile.NamedTemporaryFile() as bodies:
            bodies.write(b"b" * 1779 + b"\n" + b"b" * 1779 + b"\n")
            bodies.flush()
            made = ingest.Ingest(SimpleNamespace(
                stage=SimpleNamespace(run=ran, new_folder=str, path=str),
                context=SimpleNamespace(built=str), options=SimpleNamespace(quick=False),
                wants=lambda name: name in ("engine", "rocks", "file", "log"),
                bulletins_of=lambda _: SimpleNamespace(path=bodies.name, count=2,
                                                       part=lambda *_: "")))
            rows = made.rows()
        for one, measure in rows:
            kind = one.name.split("-")[0]
            octets = 1779 if kind == "engine" else ingest.VALUE_BYTES
            self.assertIn(f"{octets:,} octets", one.title)
            self.assertEqual(one.facts["bytes"], octets)
            if kind == "engine":
                continue
            measure()
            words = commands[-1]
            self.assertEqual(words[words.index("--bytes") + 1], str(ingest.VALUE_BYTES))
            self.assertEqual(words[words.index("--seconds") + 1], str(made.seconds))


class Cluster(unittest.TestCase):
    def shared(self, answered):
        def ran(command, *_, **__):
            self.command = command
            return json.dumps({"per_s": 1, "p50_us": 1, "p99_us": 1, "client_cpu_us": 1,
                               "answered": answered, "refused": 0})

        bulletins = SimpleNamespace(path=os.devnull, count=1, part=lambda *_: "part")
        return cluster.Shared(SimpleNamespace(
            stage=SimpleNamespace(run=ran), context=SimpleNamespace(built=str, stage=None),
            options=SimpleNamespace(quick=False), wants=lambda _: True,
            bulletins_of=lambda _: bulletins))

    def asked(self, name, way, answered):
        made = self.shared(answered)
        peer = SimpleNamespace(name=name, ports=[1, 2, 3], nats_pids=list, engine_pids=list)
        return made.asked(peer, way)

    def ports(self):
        return self.command[self.command.index("--port") + 1:]

    def test_a_round_in_which_not_all_were_acknowledged_has_no_figures(self):
        self.assertEqual(self.asked("cluster", "1", 1_000)["per_s"], 1)
        with self.assertRaisesRegex(machine.Fault, "999 were acknowledged"):
            self.asked("cluster", "1", 999)

    def test_clients_are_at_one_machine_or_at_all_and_those_of_the_floor_at_all(self):
        for name, way, ports in (("cluster", "64", ["1"]), ("cluster", "64-all", ["1", "2", "3"]),
                                 ("jetstream-r3", "64", ["1", "2", "3"])):
            self.asked(name, way, 15_000)
            self.assertEqual(self.ports(), ports)
            self.assertEqual("--replicas" in self.command, name == "jetstream-r3")
            self.assertEqual("--may-refuse" in self.command, way == "64-all")

    def test_each_row_stands_beside_the_stream_with_as_many_clients(self):
        self.assertEqual({one.name: one.floor for one in self.shared(0).rows()}, {
            "jetstream-r3-1": "jetstream-r3-1", "jetstream-r3-64": "jetstream-r3-64",
            "cluster-1": "jetstream-r3-1", "cluster-64": "jetstream-r3-64",
            "cluster-64-all": "jetstream-r3-64", "engine-1": "jetstream-r3-1",
            "engine-64": "jetstream-r3-64"})

    def test_kills_are_read_among_what_a_test_runner_says(self):
        text = 'TAP version 13\n{"kill":1,"pause_s":5.1}\n# tests 0\n{"kill":2,"pause_s":4}\n'
        self.assertEqual([each["pause_s"] for each in cluster.kills_of(text)], [5.1, 4])

    def test_servers_are_led_where_they_name_who_leads(self):
        self.assertTrue(cluster.has_leader({"meta_cluster": {"leader": "a"}}))
        for told in (None, {}, {"meta_cluster": {"leader": ""}}, {"meta_cluster": None}):
            self.assertFalse(cluster.has_leader(told))


class Stage(unittest.TestCase):
    def test_it_ends_what_it_started_and_what_that_left_behind(self):
        with tempfile.TemporaryDirectory() as build:
            with machine.Stage(build) as stage:
                server = stage.start("sh", ["sh", "-c", "sleep 600 & echo '{}' ; wait"])
                stage.wait_for_line(server)
                pids = [server.pid, *machine.children(server.pid)]
                self.assertEqual(len(pids), 2)
            self.assertEqual(os.listdir(build), [])
        for pid in pids:
            self.assertFalse(os.path.exists(f"/proc/{pid}"))

    def test_a_server_is_killed_and_another_takes_its_place(self):
        with tempfile.TemporaryDirectory() as build, machine.Stage(build) as stage:
            server = stage.start("sleep", ["sleep", "600"])
            text = readers.RESTART.format(
                pid=server.pid, cpus=min(os.sched_getaffinity(0)), command="sleep 601",
                log=os.devnull)
            script = stage.write("restart", text)
            with subprocess.Popen(["sh", "-c", f"exec sh {script}"], stdout=subprocess.PIPE,
                                  text=True) as after:
                self.assertEqual(int(after.stdout.readline()), after.pid)
                self.assertEqual(server.process.wait(), -signal.SIGKILL)
                after.kill()

    def test_what_others_left_behind_is_ended_and_servers_stay(self):
        with tempfile.TemporaryDirectory() as build, machine.Stage(build) as stage:
            server = stage.start("sleep", ["sleep", "600"])
            stage.run(["sh", "-c", "sleep 602 >/dev/null 2>&1 &"])
            stage.end_strangers()
            self.assertEqual(machine.children(os.getpid()), [server.pid])

    def test_a_server_that_ended_is_a_fault_with_its_last_words(self):
        with tempfile.TemporaryDirectory() as build, machine.Stage(build) as stage:
            server = stage.start("sh", ["sh", "-c", "echo no room >&2; exit 3"])
            with self.assertRaisesRegex(machine.Fault, "no room"):
                stage.wait_for_port(server, machine.free_port())

    def test_a_signal_ends_all_of_it_and_a_second_one_changes_nothing(self):
        program = """
import sys; sys.path.insert(0, sys.argv[1]); sys.dont_write_bytecode = True
from measuring import machine
with machine.Stage(sys.argv[2]) as stage:
    server = stage.start("sh", ["sh", "-c", "trap '' TERM; sleep 603 & wait; wait"])
    machine.END_SECONDS = 1
    stage.wait_for_child(server)
    print(*[server.pid, *machine.children(server.pid)], flush=True)
    stage.run(["sleep", "604"])
"""
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number), tempfile.TemporaryDirectory() as build, subprocess.Popen(
                    [sys.executable, "-c", program, BENCH, build], text=True,
                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as compared:
                pids = [int(pid) for pid in compared.stdout.readline().split()]
                self.assertEqual(len(pids), 2)
                compared.send_signal(number)
                compared.send_signal(number)
                self.assertNotEqual(compared.wait(), 0)
                self.assertEqual(os.listdir(build), [])
                for pid in pids:
                    self.assertFalse(os.path.exists(f"/proc/{pid}"))

    def test_a_program_that_fails_is_a_fault_with_its_words(self):
        with tempfile.TemporaryDirectory() as build, machine.Stage(build) as stage:
            with self.assertRaisesRegex(machine.Fault, "ended with 4: because"):
                stage.run(["sh", "-c", "echo because >&2; exit 4"])


class Command(unittest.TestCase):
    def command(self, *words):
        return subprocess.run([sys.executable, os.path.join(BENCH, "compare"), *words],
                              capture_output=True, text=True, check=False)

    def test_help_names_every_section(self):
        told = self.command("--help")
        self.assertEqual(told.returncode, 0)
        for name in (*SECTIONS, "all"):
            self.assertRegex(told.stdout, rf"\n  {name}\b")

    def test_what_is_not_known_is_refused_before_anything_is_built(self):
        self.assertEqual(self.command("fan").returncode, 2)
        self.assertEqual(self.command("fanout", "--rounds", "0").returncode, 2)


class NotConnected(unittest.TestCase):
    def test_a_city_is_told_whole_and_before_lesser_messages(self):
        ours = {1, 2}
        entries = [(9.0, 7), (10.5, 1), (11.5, 2), (11.6, 8)]
        told = city.judged(entries, 10.0, ours)
        self.assertEqual(told, {"sent_before": 1, "first_s": 0.5, "last_s": 1.5, "between": 0,
                                "most_in_a_second": 2})
        for wrong in (entries[:2], entries + [(12.0, 2)], entries + [(11.0, 9)]):
            with self.assertRaises(machine.Fault):
                city.judged(wrong, 10.0, ours)

    def test_more_in_a_second_than_the_contract_is_a_fault(self):
        times = [n / 500 for n in range(1000)]
        self.assertEqual(city.most_in_a_second(times), 500)
        self.assertEqual(city.most_in_a_second([]), 0)
        fast = [(n / 600, n) for n in range(1200)]
        with self.assertRaises(machine.Fault):
            city.judged(fast, 0.0, set(range(1200)))

    def test_what_bench_near_prints_becomes_rows(self):
        lines = [{"what": "town", "peer": peer, "sites": 10, "found": 3, "ms": ms}
                 for peer, ms in (("nearby", 0.5), ("rtree", 2))]
        lines.append({"what": "build", "peer": "nearby", "sites": 10, "ms": 7,
                      "octets_a_site": 14.0})
        self.assertEqual(near.questioned(lines, 10, "town"),
                         {"nearby_ms": 0.5, "rtree_ms": 2, "found": 3})
        self.assertEqual(near.questioned(lines, 99, "town"), {})
        self.assertEqual(near.built(lines, 10), {"build_nearby_ms": 7, "octets_a_site": 14.0})


if __name__ == "__main__":
    signal.alarm(300)
    unittest.main()
