"""What the launcher's services share: which processes belong to a service, and how to stop these and no others.

A process is identified by its id *and its start time*, because the system may give its id to another process later.
Needs only Python 3.10 and works on Linux and macOS.
"""

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

HOST = "127.0.0.1"
STOP_TIMEOUT_SECONDS = 15


class ServiceError(Exception):
    """What is wrong, why, and what to do; a line each."""


def start_time(pid):
    """When process `pid` started, as a text to compare; None if there is no such process or it is a zombie."""
    if os.path.exists("/proc/self/stat"):
        try:
            # the second field is the program's name in brackets and may hold spaces and brackets
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in "ZX" else f"{fields[19]} ticks after {boot_id()}"
    answer = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    status, _, started = answer.stdout.strip().partition(" ")
    return None if not started or status.startswith("Z") else started.strip()


def boot_id():
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return "boot"


def named(pids):
    """Ids with start times, without processes that have ended."""
    return [(pid, started) for pid in pids if (started := start_time(pid))]


def children(pid):
    """The processes below `pid`, at any depth."""
    parents = {}
    if os.path.exists("/proc/self/stat"):
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    else:
        answer = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=True)
        parents = dict(map(int, line.split()) for line in answer.stdout.splitlines())
    found = [child for child, parent in parents.items() if parent == pid]
    return found + [deeper for child in found for deeper in children(child)]


def get(url):
    """The body of a local server's answer; None if its status is not 200."""
    try:
        # no proxy: http_proxy without no_proxy would send this request elsewhere
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(url, timeout=5) as response:
            return response.read() if response.status == 200 else None
    except (OSError, urllib.error.URLError):
        return None


def spawn(command, log, **popen):
    """Starts a process in its own session, so that Ctrl-C in a later job or the end of the terminal does not reach it."""
    with open(log, "ab") as output:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, **popen)


class Service:
    """One service of a state folder: its folder, its port, and the record of its processes."""

    def __init__(self, state, folder, name, command):
        self.name = name
        self.command = command  # how `ps` shows it
        self.folder = Path(state).absolute() / folder
        self.record_file = self.folder / "server.json"
        self.port_file = self.folder / "port"

    # --- what is known -------------------------------------------------------------------------------------------------

    def record(self):
        """What start recorded, or None. A file that cannot be read is an error, because nothing else identifies the processes."""
        try:
            record = json.loads(self.record_file.read_text())
            processes = [(int(p["pid"]), str(p["started"])) for p in record["processes"]]
            return {"uri": str(record["uri"]), "environment": str(record["environment"]), "processes": processes}
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as broken:
            raise ServiceError(
                f"{self.record_file} cannot be read ({broken!r}), so the process of the {self.name} is not known.\n"
                f"Find it with: ps -ef | grep '{self.command}'; stop it, then delete the file."
            ) from broken

    def write_record(self, uri, environment, processes):
        named = [{"pid": pid, "started": started} for pid, started in processes]
        record = {"uri": uri, "environment": str(environment), "processes": named}
        new = self.record_file.with_suffix(".new")
        new.write_text(json.dumps(record, indent=1) + "\n")
        new.replace(self.record_file)

    @staticmethod
    def survivors(record):
        """The recorded processes that still run, without processes that only have the same id."""
        return [pid for pid, started in record["processes"] if start_time(pid) == started]

    def last_port(self, number=0):
        """The service's port at the last start, or None."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int(self.port_file.read_text().split()[number])
        return None

    def choose_port(self, first, number=0):
        """The port of the last start, otherwise `first`, otherwise any free port."""
        remembered = self.last_port(number)
        for port in [remembered or first, 0]:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((HOST, port))
                except OSError:
                    continue
                free = probe.getsockname()[1]
            if remembered and free != remembered:
                print(f"Port {remembered} of the {self.name} is in use; it now uses {free}", file=sys.stderr)
            return free
        raise ServiceError(f"No port on {HOST} is free for the {self.name}.")

    # --- ending --------------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def alone(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "lock", "w") as lock:  # closed when this process ends, so it never stays locked
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def stop(self):
        """Stops the service; False if it did not run."""
        if not self.record_file.exists():
            return False
        with self.alone():
            record = self.record()
            return record is not None and self.end(record)

    def end(self, record):
        """Stops the recorded processes and their children: SIGTERM to one after the other, then SIGKILL to the rest."""
        survivors = self.survivors(record)
        stopped = bool(survivors)
        below = [pid for survivor in survivors for pid in children(survivor)]
        record = {**record, "processes": list(dict.fromkeys(record["processes"] + named(below)))}
        for number, seconds in ((signal.SIGTERM, STOP_TIMEOUT_SECONDS), (signal.SIGKILL, 5)):
            deadline = time.monotonic() + seconds
            addressed = set()
            while survivors := self.survivors(record):
                # a main process forwards SIGTERM and waits; a second signal would interrupt that
                target = survivors[:1] if number == signal.SIGTERM else survivors
                for pid in target:
                    if pid not in addressed:
                        addressed.add(pid)
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(pid, number)
                if time.monotonic() > deadline:
                    break
                time.sleep(0.05)
            if not survivors:
                self.record_file.unlink(missing_ok=True)
                return stopped
        raise ServiceError(f"The {self.name}'s processes {self.survivors(record)} did not end, even after SIGKILL.\nSee {self.folder}.")


def run(usage, verbs):
    """Runs a command: `verbs` takes the arguments and returns the text to print, or None if they are wrong."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        answer = verbs(sys.argv[1:])
    except ServiceError as error:
        for line in str(error).splitlines():
            print(f"wine: {line}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(usage if answer is None else answer, file=sys.stderr if answer is None else sys.stdout)
    return 2 if answer is None else 0
