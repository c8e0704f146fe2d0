"""The machine, and the processes of a comparison: pinned, given free ports, and ended with it."""
import ctypes
import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
READY_SECONDS = 60
END_SECONDS = 10
NICE = -10

_libc = ctypes.CDLL(None)


ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def interrupted(*_):
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)  # one is enough: nothing may stay behind
    raise KeyboardInterrupt


class Fault(Exception):
    """What went wrong with one measurement; the others go on."""


def facts(root):
    """What a figure cannot be read without."""
    def git(*words):
        ran = subprocess.run(["git", "-C", root, *words], capture_output=True, text=True)
        return ran.stdout.strip() if ran.returncode == 0 else ""

    changed = "+changes" if git("status", "--porcelain", "--untracked-files=no") else ""
    return {"machine": f"{os.cpu_count()} cores, {cpu_model()}, {memory_gib():.0f} GiB, "
                       f"Linux {platform.release()}",
            "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "commit": (git("rev-parse", "--short", "HEAD") or "unknown") + changed}


def cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def memory_gib():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def both_cpus():
    return sorted(os.sched_getaffinity(0))[:2]


def server_cpu():
    return {both_cpus()[0]}


def herd_cpu():
    return {both_cpus()[-1]}


def threads_ns(pid):
    """{thread: its run time} of a process."""
    found = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
                found[thread] = int(file.read().split()[0])
        except FileNotFoundError:
            pass  # it ended meanwhile
    return found


def cpu_ns(pids):
    """Run time of all threads of these processes."""
    return sum(sum(threads_ns(pid).values()) for pid in pids)


def rss_bytes(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def anonymous_bytes(pid):
    """What the process holds that is no file: heap and stacks."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    raise Fault("this kernel tells no RssAnon")


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


def prepared(cpus):
    """What a process does to itself before it becomes the program: it stays on its cores, goes
    first where we may say so, and does not outlive us."""
    def prepare():
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        os.sched_setaffinity(0, cpus)
        try:
            os.nice(NICE)
        except PermissionError:
            pass
    return prepare


class Server:
    """A process of ours that listens."""

    def __init__(self, process, command, cpus, environment, folder, log):
        self.process = process
        self.command = command
        self.cpus = cpus
        self.environment = environment
        self.folder = folder
        self.log = log

    @property
    def pid(self):
        return self.process.pid

    def pids(self):
        return [self.pid, *children(self.pid)]

    def last_words(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()[-600:].strip()


class Stage:
    """Everything that a comparison starts and writes. It ends with the block that opened it."""

    def __init__(self, build):
        self.build = build
        self.folder = None
        self.servers = []
        self.count = 0
        self.before = {}

    def __enter__(self):
        _libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
        os.makedirs(self.build, exist_ok=True)
        self.folder = tempfile.mkdtemp(prefix="run-", dir=self.build)
        os.chmod(self.folder, 0o755)
        self.before = {number: signal.signal(number, interrupted) for number in ENDING}
        return self

    def __exit__(self, *_):
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)
        for server in list(self.servers):
            self.end(server)
        self.end_orphans()
        shutil.rmtree(self.folder, ignore_errors=True)
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def path(self, name):
        """A path of its own for each call."""
        self.count += 1
        return os.path.join(self.folder, f"{self.count:04}-{name}")

    def new_folder(self, name):
        path = self.path(name)
        os.makedirs(path)
        return path

    def write(self, name, text):
        path = self.path(name)
        with open(path, "w", encoding="latin-1") as file:
            file.write(text)
        return path

    def start(self, name, command, cpus=None, environment=None, folder=None):
        """Starts it with its words in a log; says nothing about whether it listens yet."""
        cpus = cpus or server_cpu()
        log = self.path(f"{name}.log")
        with open(log, "wb") as out:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})}, cwd=folder, start_new_session=True,
                preexec_fn=prepared(cpus))
        server = Server(process, command, cpus, environment or {}, folder, log)
        self.servers.append(server)
        return server

    def wait_for_port(self, server, port):
        """Until somebody listens there; a server that ended before is a fault."""
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            if server.process.poll() is not None:
                raise Fault(f"{server.command[0]} ended: {server.last_words()}")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.02)
        raise Fault(f"{server.command[0]} does not listen: {server.last_words()}")

    def wait_for_child(self, server):
        """The master listens before the worker is there that does the work."""
        until = time.monotonic() + READY_SECONDS
        while not children(server.pid):
            if time.monotonic() > until or server.process.poll() is not None:
                raise Fault(f"{server.command[0]} has no worker: {server.last_words()}")
            time.sleep(0.02)

    def wait_for_line(self, server):
        """The first line that it writes, as JSON."""
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            with open(server.log, encoding="utf-8", errors="replace") as file:
                for line in file:
                    if line.startswith("{") and line.endswith("\n"):
                        return json.loads(line)
            if server.process.poll() is not None:
                raise Fault(f"{server.command[0]} ended: {server.last_words()}")
            time.sleep(0.02)
        raise Fault(f"{server.command[0]} is not ready: {server.last_words()}")

    def end(self, server):
        """Asks it to end, by its process group, and after a while makes it."""
        if server in self.servers:
            self.servers.remove(server)
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(server.pid, number)
            except ProcessLookupError:
                pass
            try:
                server.process.wait(END_SECONDS)
                break
            except subprocess.TimeoutExpired:
                continue
        try:
            os.killpg(server.pid, signal.SIGKILL)  # workers that stayed behind
        except ProcessLookupError:
            pass

    def end_strangers(self):
        """What others started and left to us: a server that a restart has brought."""
        for child in set(children(os.getpid())) - {server.pid for server in self.servers}:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)

    def end_orphans(self):
        """What a server left behind has become our child."""
        while True:
            for child in children(os.getpid()):
                os.kill(child, signal.SIGKILL)
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                return

    def run(self, command, cpus=None, seconds=600, environment=None):
        """Runs a program to its end; what it printed, or a fault."""
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, env={**os.environ, **(environment or {})},
            preexec_fn=prepared(cpus or set(both_cpus())))
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as late:
            raise Fault(f"{os.path.basename(command[0])} took more than {seconds} s") from late
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if process.returncode != 0:
            raise Fault(f"{os.path.basename(command[0])} ended with {process.returncode}: "
                        f"{err.strip()[-600:]}")
        return out
