"""The mathematics of bench/compare, what it reads of others, and that it ends what it starts."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from xml.etree import ElementTree

BENCH = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "bench")
sys.path.insert(0, BENCH)
sys.dont_write_bytecode = True

from measuring import (drawing, fanout, figures, ingest, machine, peers, plots,  # noqa: E402
                       readers)
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
        read = fanout.figures_of(told, course, raw=False)
        self.assertEqual((read["cpu_us"], read["single_cpu_us"], read["burst_cpu_us"]), (6, 8, 0.5))
        self.assertEqual((read["first_ms"], read["last_ms"]), (1, 50))
        self.assertEqual((read["paced_p99_ms"], read["paced_last_ms"]), (4, 180))
        self.assertEqual((read["paced_behind_s"], read["missed"]), (3.5, 2))
        self.assertEqual((read["rss_per_conn"], read["connects_per_s"]), (600, 9000))

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


class Plots(unittest.TestCase):
    def spread(self, value):
        return {"median": value, "low": value * 0.9, "high": value * 1.1, "rounds": 3}

    def line(self, section, name, conns, **figures_of_it):
        return {"section": section, "row": name, "title": name, "conns": conns, "bytes": 1800,
                "machine": "2 cores & a <disk>", "date": "2026-11-22T10:00:00Z",
                "commit": "abc1234", "quick": False,
                "figures": {key: self.spread(value) for key, value in figures_of_it.items()}}

    def flat(self, conns, p50, name="engine"):
        return self.line("flat", f"{name}-{conns}", conns, p50_ms=p50, p99_ms=p50 * 2,
                         last_ms=p50 * 2.1)

    def test_every_row_is_drawn_and_the_caption_names_machine_date_and_commit(self):
        lines = [self.flat(1000, 3), self.flat(10_000, 30), self.flat(1000, 2, "floor"),
                 self.line("fanout", "engine", 10_000, single_cpu_us=6, burst_cpu_us=0.5),
                 self.line("fanout", "nats", 10_000, single_cpu_us=20)]
        made = plots.drawn(lines)
        self.assertEqual(sorted(made), ["cpu_by_peer.svg", "latency_by_connections.svg"])
        for svg in made.values():
            tree = ElementTree.fromstring(svg)
            text = " ".join(tree.itertext())
            for words in ("2 cores & a <disk>", "2026-11-22", "abc1234", "median of 3 rounds"):
                self.assertIn(words, text)
            name = "{http://www.w3.org/2000/svg}"
            self.assertTrue(tree.find(name + "title").text and tree.find(name + "desc").text)
            self.assertIn("prefers-color-scheme: dark", svg)
            self.assertNotIn("http", svg.replace("http://www.w3.org/2000/svg", ""))
        self.assertEqual(made["latency_by_connections.svg"].count(" line"), 6 * 2)
        self.assertIn("not measured", made["cpu_by_peer.svg"])

    def test_of_several_runs_the_last_is_drawn_and_long_logs_are_not(self):
        old = {**self.flat(1000, 77.7), "date": "2026-11-21T10:00:00Z"}
        log = {**self.flat(1000, 66.6), "row": "engine-log-100", "log": 100}
        svg = plots.drawn([old, self.flat(1000, 3), log])["latency_by_connections.svg"]
        self.assertIn("3.00 ms at 1,000", svg)
        self.assertNotIn("77.7", svg)
        self.assertNotIn("66.6", svg)

    def test_nothing_is_drawn_of_nothing(self):
        self.assertEqual(plots.drawn([]), {})
        self.assertEqual(plots.drawn([{**self.flat(10, 1), "figures": {}}]), {})

    def test_an_axis_holds_what_is_drawn(self):
        self.assertEqual(drawing.around([3, 30, 70]), (2, 100))
        self.assertEqual(drawing.around([10, 100]), (10, 100))
        self.assertEqual(drawing.ticks(10, 100), [10, 20, 50, 100])
        for value in (0.07, 3, 61.6, 100, 101):
            self.assertLessEqual(value, drawing.nice_top(value))
            self.assertLess(drawing.nice_top(value), value * 2.1)


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


if __name__ == "__main__":
    signal.alarm(300)
    unittest.main()
