"""What bench/plot draws, and what it says beside it."""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from xml.etree import ElementTree

BENCH = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "bench")
sys.path.insert(0, BENCH)
sys.dont_write_bytecode = True

from measuring import drawing, figures, plots  # noqa: E402


class Plots(unittest.TestCase):
    def spread(self, value):
        return {"median": value, "low": value * 0.9, "high": value * 1.1, "rounds": 3}

    def line(self, section, name, conns, **figures_of_it):
        return {"section": section, "row": name, "title": name, "conns": conns, "bytes": 1800,
                "marks": {}, "faults": [],
                "machine": "2 cores & a <disk>", "date": "2026-11-22T10:00:00Z",
                "commit": "abc1234", "quick": False,
                "figures": {key: self.spread(value) for key, value in figures_of_it.items()}}

    def flat(self, conns, p50, name="engine"):
        return self.line("flat", f"{name}-{conns}", conns, p50_ms=p50, p99_ms=p50 * 2,
                         last_ms=p50 * 2.1)

    def fanout(self, name="engine", **more):
        return {**self.line("fanout", name, 10_000, single_cpu_us=6, burst_cpu_us=0.5), **more}

    def texts(self, svg):
        """What a picture says where everybody sees it, text by text."""
        tree = ElementTree.fromstring(svg)
        return [text.text for text in tree.iter("{http://www.w3.org/2000/svg}text") if text.text]

    def test_every_row_is_drawn_and_the_caption_names_machine_date_and_commit(self):
        lines = [self.flat(1000, 3), self.flat(10_000, 30), self.flat(1000, 2, "floor"),
                 self.fanout(), self.line("fanout", "nats", 10_000, single_cpu_us=20)]
        made = plots.drawn(lines)
        self.assertEqual(sorted(made), ["cpu_by_peer.svg", "latency_by_connections.svg"])
        for svg in made.values():
            tree = ElementTree.fromstring(svg)
            text = " ".join(self.texts(svg))
            for words in ("2 cores & a <disk>", "2026-11-22", "abc1234", "Median of 3 rounds"):
                self.assertIn(words, text)
            name = "{http://www.w3.org/2000/svg}"
            self.assertTrue(tree.find(name + "title").text and tree.find(name + "desc").text)
            self.assertIn("prefers-color-scheme: dark", svg)
            self.assertNotIn("http", svg.replace("http://www.w3.org/2000/svg", ""))
        self.assertEqual(made["latency_by_connections.svg"].count(" line"), 4 * 2)
        self.assertIn("not measured", made["cpu_by_peer.svg"])

    def test_a_sign_stands_at_what_it_is_about_and_is_explained_below_once(self):
        full, lossy = {"burst_cpu_us": figures.HERD_FULL}, {"missed": "missed"}
        svg = plots.drawn([self.fanout(marks=full), self.fanout("nats", marks=lossy)])[
            "cpu_by_peer.svg"]
        texts = self.texts(svg)
        self.assertEqual([text for text in texts if "†" in text or "‡" in text],
                         ["† " + figures.SIGNS[figures.HERD_FULL][1] + ".",
                          "‡ " + figures.SIGNS["missed"][1] + ".",
                          "0.50 †", "nats-server ‡"])
        description = ElementTree.fromstring(svg).find("{http://www.w3.org/2000/svg}desc").text
        self.assertIn("a burst 0.50 †; nats-server ‡: ", description)
        calm = plots.drawn([self.fanout()])["cpu_by_peer.svg"]
        self.assertNotIn("†", calm)
        self.assertNotIn("‡", calm)

    def test_the_signs_of_two_lines_that_touch_do_not(self):
        marks = {"p50_ms": figures.HERD_FULL}
        svg = plots.drawn([{**self.flat(1000, 3, name), "marks": marks}
                           for name in ("engine", "floor")])["latency_by_connections.svg"]
        signs = [text for text in ElementTree.fromstring(svg).iter(
            "{http://www.w3.org/2000/svg}text") if text.text == "†"]
        (left, above), (right, under) = [(float(one.get("x")), float(one.get("y")))
                                         for one in signs]
        self.assertGreater(right - left, 14)
        self.assertGreater(under - above, 14)

    def test_rounds_without_figures_are_said_below(self):
        bad = self.fanout("nchan", figures={}, faults=["it ended", "it ended"])
        texts = self.texts(plots.drawn([self.fanout(), bad])["cpu_by_peer.svg"])
        self.assertIn("Rounds without figures: 2 of nginx with nchan.", texts)

    def test_nothing_is_drawn_outside_the_picture(self):
        names = ["engine", "floor", "nchan", "nats", "mosquitto", "node-ws", "engine-2", "x"]
        for count in (1, len(names)):
            svg = plots.drawn([self.fanout(name, quick=True, faults=["it ended"])
                               for name in names[:count]])["cpu_by_peer.svg"]
            tree = ElementTree.fromstring(svg)
            low = max(float(text.get("y")) for text in tree.iter(
                "{http://www.w3.org/2000/svg}text"))
            self.assertLess(low, float(tree.get("height")) - 4)
            self.assertEqual(tree.get("viewBox"), f"0 0 800 {tree.get('height')}")
            self.assertLessEqual(max(map(len, self.texts(svg))), drawing.SMALL_MAX)
            self.assertIn("no figures to quote", " ".join(self.texts(svg)))

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

    def test_the_command_says_which_plot_it_has_no_results_for(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "results.jsonl"), "w", encoding="utf-8") as file:
                file.write(json.dumps(self.fanout()) + "\n")
            told = subprocess.run([sys.executable, os.path.join(BENCH, "plot"), folder, "--out",
                                   folder], capture_output=True, text=True, check=True)
            self.assertEqual(sorted(os.listdir(folder)), ["cpu_by_peer.svg", "results.jsonl"])
        self.assertEqual(told.stderr, "bench/plot: no latency_by_connections.svg: there are no "
                                      "results of the section flat\n"
                                      "bench/plot: no match_by_organisations.svg: there are no "
                                      "results of the section near\n")

    def test_each_matcher_and_question_is_a_line_over_how_many_there_are(self):
        lines = [{**self.line("near", f"{what}-{sites}", 0, nearby_ms=sites / 1e6, rtree_ms=2,
                              scan_ms=sites / 1e5), "what": what, "sites": sites}
                 for what in ("town", "everywhere", "place") for sites in (1000, 5_500_000)]
        svg = plots.drawn(lines)["match_by_organisations.svg"]
        self.assertEqual(svg.count(" line"), 3 * 2 * 2)
        texts = self.texts(svg)
        for name in ("tocsind, a town", "R-tree, everything", "scan, a town"):
            self.assertIn(name, texts)
        self.assertIn("5.50 ms of 5,500,000", svg)

    def test_an_axis_holds_what_is_drawn(self):
        self.assertEqual(drawing.around([3, 30, 70]), (2, 100))
        self.assertEqual(drawing.around([10, 100]), (10, 100))
        self.assertEqual(drawing.ticks(10, 100), [10, 20, 50, 100])
        self.assertEqual(drawing.sparse(drawing.ticks(0.001, 2)), [0.001, 0.01, 0.1, 1])
        self.assertEqual(drawing.sparse([10, 20, 50, 100]), [10, 20, 50, 100])
        for value in (0.07, 3, 61.6, 100, 101):
            self.assertLessEqual(value, drawing.nice_top(value))
            self.assertLess(drawing.nice_top(value), value * 2.1)


if __name__ == "__main__":
    unittest.main()
