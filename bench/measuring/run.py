"""Rounds: each peer in turn, then each once more, and what the herd said of every run."""
import json
import os
import sys
import textwrap

from . import checks, figures, machine
from .bulletins import Bulletins
from .machine import Fault

BULLETINS = 1000  # more than a fan-out publishes
PUBLISHERS = 50  # connections that post, in turn: a crowd, as it would be


class Run:
    """One call of bench/compare."""

    def __init__(self, context, options, out):
        self.context = context
        self.stage = context.stage
        self.options = options
        self.bulletins = self.bulletins_of(BULLETINS)
        self.out = out
        self.common = {**machine.facts(context.root), "quick": options.quick}
        self.failed = False

    def bulletins_of(self, count):
        return Bulletins(self.stage, self.context.built("make_bulletins"), count)

    def wants(self, name):
        """Whether that server was asked for: all are, unless some were named."""
        return not self.options.peers or name in self.options.peers

    def rows(self, made, conns):
        """A row for each of {name: (title, …)} that was asked for."""
        return [figures.Row(name, title, conns=conns, bytes=self.bulletins.bytes)
                for name, (title, *_) in made.items() if self.wants(name)]

    def say(self, text):
        print(text, file=sys.stderr, flush=True)

    def rounds(self, section, rows, measure):
        """`measure(row)` gives the figures of one round; interleaved, so that what the machine
        does meanwhile falls on all alike."""
        for number in range(1, self.options.rounds + 1):
            for row in rows:
                self.say(f"{section}, round {number} of {self.options.rounds}: {row.title}")
                try:
                    row.add(measure(row))
                except Fault as fault:
                    self.fail(row, fault)

    def fail(self, row, fault):
        """A round of that row has no figures, and the command ends with 1."""
        self.say(f"  {fault}")
        row.faults.append(str(fault))
        self.failed = True

    def herd(self, peer, phases, conns, bodies=None, extra=(), size=None):
        """What the herd measured at that peer, which listens; a fault where not every reader was
        there and had what is theirs."""
        program = self.context.built("bench_herd")
        command = [program, "--label", peer.name, "--conns", str(conns), *extra,
                   *peer.herd(size or self.bulletins.bytes, bodies or self.bulletins.path)]
        if not peer.raw:
            command += ["--publishers", str(PUBLISHERS)]
        for pid in peer.pids():
            command += ["--pid", str(pid)]
        for phase in phases:
            command += ["--phase", phase]
        told = json.loads(self.stage.run(command, machine.herd_cpu()))
        self.keep(told)
        wrong = checks.faults_of(told, peer.may_miss)
        if wrong:
            raise Fault("; ".join(wrong))
        return told

    def keep(self, told):
        """What stands behind a figure, for who wants to look closer."""
        with open(os.path.join(self.out, "raw.jsonl"), "a", encoding="utf-8") as file:
            file.write(json.dumps({**self.common, **told}) + "\n")

    def once(self, peer, *arguments, **named):
        """Starts it, lets the herd loose on it, ends it."""
        with peer:
            return self.herd(peer, *arguments, **named)

    def publish(self, section, heading, about, columns, rows):
        """A few words on what was done, the table, and one line of JSON a row."""
        lines = figures.result_lines(section, columns, rows, self.common)
        print(f"\n## {heading}\n\n{textwrap.fill(about, 100)}\n\n{figures.table(columns, lines)}\n",
              flush=True)
        with open(os.path.join(self.out, "results.jsonl"), "a", encoding="utf-8") as file:
            for line in lines:
                text = json.dumps(line, ensure_ascii=False)
                print(text, flush=True)
                file.write(text + "\n")
