"""Kernels that start warm: one process imports the large packages once and forks for every page.

Chosen by `JUPYTER_DEFAULT_PROVISIONER_NAME=memlib-warm` (an entry point); on Linux alone, elsewhere kernels start as
ever. It saves the seconds in which each page would import matplotlib, scipy, sympy and scikit-learn again; memlib
itself is never imported before the fork.
"""

import json
import os
import signal
import subprocess
import sys
import time
from importlib import import_module
from threading import Lock
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

NAME = "memlib-warm"
VARIABLE = "JUPYTER_DEFAULT_PROVISIONER_NAME"
INLINE = "module://matplotlib_inline.backend_inline"
#: Imported before the fork. Not pyplot: its import speaks to the shell of the page.
PACKAGES = (
    "ipykernel.kernelapp", "ipykernel.ipkernel", "IPython", "numpy", "scipy.stats", "scipy.sparse", "scipy.spatial",
    "sympy", "flint", "sklearn.datasets", "matplotlib.figure", "matplotlib.axes", "matplotlib.projections",
    "matplotlib.backends.backend_agg", "matplotlib.widgets",
)  # fmt: skip


def choose() -> None:
    """Make warm kernels the default of this process."""
    os.environ.setdefault(VARIABLE, NAME)


class Forked:
    """A kernel by its process id, with the methods of `subprocess.Popen` that a provisioner calls."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int):
        self.pid = pid

    def poll(self) -> int | None:
        """Return None while the process runs; how it ended is not known."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def wait(self) -> int:
        while self.poll() is None:
            time.sleep(0.05)
        return 0

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Warm:
    """The process that forks, seen from outside."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen | None = None

    def fork(self, arguments: list[str], cwd: str | None, env: dict[str, str]) -> Forked:
        """Start a kernel with these arguments of ipykernel."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", __file__],  # not as a module: that would import Sphinx
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    env={**os.environ, "MPLBACKEND": INLINE},
                )
            assert self._process.stdin and self._process.stdout
            print(json.dumps([arguments, cwd or os.getcwd(), env]), file=self._process.stdin, flush=True)
            return Forked(int(self._process.stdout.readline()))


WARM = Warm()


class WarmProvisioner(LocalProvisioner):
    """Starts kernels by forking the warm process; all else is the local provisioner's."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        if sys.platform != "linux" or "ipykernel_launcher" not in cmd:  # elsewhere a fork may not be safe
            return await super().launch_kernel(cmd, **kwargs)
        arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
        process: Any = WARM.fork(arguments, kwargs.get("cwd"), dict(kwargs.get("env") or os.environ))
        self.process, self.pid, self.pgid = process, process.pid, process.pid
        return self.connection_info


def main() -> None:
    """Import the packages, then fork for every line of input; the child runs the kernel and ends with it."""
    for name in PACKAGES:
        import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    while line := sys.stdin.readline():
        arguments, cwd, env = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become_kernel(arguments, cwd, env)
            return
        print(pid, flush=True)


def _become_kernel(arguments: list[str], cwd: str, env: dict[str, str]) -> None:
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with open(os.devnull, "r+") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)  # the pipe to the one who asked is not for the page
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env, MPLBACKEND=INLINE)
    sys.path.insert(0, "")  # as for a kernel that is started anew
    import random

    from ipykernel.kernelapp import IPKernelApp

    random.seed()
    IPKernelApp.launch_instance(argv=[*arguments, f"--IPKernelApp.parent_handle={os.getppid()}"])


if __name__ == "__main__":
    main()
