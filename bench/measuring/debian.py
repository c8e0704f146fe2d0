"""Servers of others, fetched from Debian by name and unpacked below the build folder: nothing is
installed, and no service is started."""
import os
import shutil
import subprocess

from .machine import Fault

SEARCHED = ("/usr/sbin", "/usr/bin", "/sbin", "/bin")


class Packages:
    def __init__(self, folder):
        self.root = os.path.join(folder, "root")
        self.debs = os.path.join(folder, "debs")
        self.fetched = set()

    def program(self, name, *packages):
        """Where that program is: installed, or unpacked from these packages."""
        return self._found(name) or self._unpacked(name, packages)

    def file(self, path, *packages):
        """The same for a file that is no program, by its path from /."""
        for candidate in (path, self.root + path):
            if os.path.exists(candidate):
                return candidate
        self._fetch(packages)
        if not os.path.exists(self.root + path):
            raise Fault(f"{path} is not in {' '.join(packages)}")
        return self.root + path

    def environment(self):
        """So that unpacked programs find the libraries unpacked beside them."""
        places = [self.root + place for place in ("/usr/lib/x86_64-linux-gnu",
                                                  "/usr/lib/aarch64-linux-gnu", "/usr/lib")]
        if os.environ.get("LD_LIBRARY_PATH"):
            places.append(os.environ["LD_LIBRARY_PATH"])
        return {"LD_LIBRARY_PATH": ":".join(places)}

    def version(self, package):
        """As Debian numbers it, installed or unpacked; empty where nobody knows."""
        installed = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package],
                                   capture_output=True, text=True)
        if installed.returncode == 0 and installed.stdout:
            return installed.stdout
        for name in sorted(os.listdir(self.debs)) if os.path.isdir(self.debs) else []:
            if name.startswith(package + "_"):
                return name.split("_")[1].replace("%3a", ":")
        return ""

    def _found(self, name):
        for folder in (*SEARCHED, *(self.root + place for place in SEARCHED)):
            path = os.path.join(folder, name)
            if os.access(path, os.X_OK):
                return path
        return None

    def _unpacked(self, name, packages):
        self._fetch(packages)
        found = self._found(name)
        if not found:
            raise Fault(f"{name} is not in {' '.join(packages)}")
        return found

    def _fetch(self, packages):
        """With every package that they need and this machine lacks, as apt itself counts them."""
        if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
            raise Fault(f"this is no Debian: install {' '.join(packages)} by other means")
        plan = subprocess.run(
            ["apt-get", "--simulate", "--no-install-recommends", "install", *packages],
            capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})
        wanted = [line.split()[1] for line in plan.stdout.splitlines() if line.startswith("Inst ")]
        wanted = [name for name in wanted if name not in self.fetched]
        if plan.returncode != 0 or not wanted:
            raise Fault(f"apt-get knows no {' '.join(packages)}; as root: apt-get update")
        os.makedirs(self.debs, exist_ok=True)
        os.makedirs(self.root, exist_ok=True)
        fetched = subprocess.run(["apt-get", "download", *wanted], cwd=self.debs,
                                 capture_output=True, text=True)
        if fetched.returncode != 0:
            raise Fault(f"apt-get could not download: {fetched.stderr.strip()[-300:]}")
        self.fetched.update(wanted)
        for name in os.listdir(self.debs):
            if name.endswith(".deb"):
                subprocess.run(["dpkg-deb", "-x", os.path.join(self.debs, name), self.root],
                               check=True)
