"""Make .venv from the pins: python3 .ci/environment.py [requirements file]

Standard library only, and in syntax that an old Python can read: it first looks for a newer one.
"""

import ast
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PYTHON = os.path.join(ROOT, ".venv", "bin", "python")
UV = os.path.join(ROOT, ".venv", "bin", "uv")
FITS = "import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))"
#: What pip is configured with on this machine, and the name under which uv wants to hear it.
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "no-index": "UV_NO_INDEX",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
}
HELP = """
The book needs Python 3.11, 3.12 or 3.13 with venv. None was found (looked at: {}).
  Debian, Ubuntu:  apt install python3 python3-venv
  elsewhere:       install one of them by your usual way
If it is installed under another name:  make PYTHON=/path/to/python book
"""


def works(python, code):
    try:
        return (
            subprocess.call([python, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
        )
    except OSError:
        return False


def find_python():
    """Return this Python, or another one on the path, that is new enough and has venv."""
    candidates = [sys.executable, "python3.13", "python3.12", "python3.11"]
    for candidate in candidates:
        if works(candidate, FITS):
            return shutil.which(candidate)
    sys.exit(HELP.format(", ".join(candidates)))


def run(*command, **kwargs):
    return subprocess.call(command, cwd=ROOT, **kwargs) == 0


def pip(*arguments):
    return run(PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", *arguments)


def environment_for_uv():
    """Return the environment in which uv uses the sources of packages that pip would use here.

    uv does not read pip's configuration. It is handed over in memory and written nowhere.
    """
    listed = subprocess.check_output(
        [PYTHON, "-m", "pip", "config", "list"], cwd=ROOT, universal_newlines=True
    )
    found = {}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        section, _, name = key.rpartition(".")
        if name in PIP_TO_UV and section in ("global", "install", ":env:"):
            rank = ("global", "install", ":env:").index(section)
            text = str(ast.literal_eval(value))
            found[name] = max(found.get(name, (-1, "")), (rank, text))
    env = dict(os.environ)
    for name, (_, text) in found.items():
        joined = ("," if name == "find-links" else " ").join(text.split())
        env.setdefault(PIP_TO_UV[name], joined)
    env.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")  # as pip does: all sources count alike
    return env


def pins(requirements):
    with open(os.path.join(ROOT, requirements)) as lines:
        return [line.strip() for line in lines if line.strip()]


def install(requirements):
    """Install the pins with uv (seconds), or with pip (a minute) where uv cannot be had."""
    pinned_uv = [pin for pin in pins("requirements.txt") if pin.startswith("uv==")]
    uv = (UV, "pip", "install", "-q", "--python", PYTHON, "-r", requirements)
    if pip(*pinned_uv) and run(*uv, env=environment_for_uv()):
        return True
    print("uv did not manage; trying again with pip, which takes about a minute", flush=True)
    return pip(*[pin for pin in pins(requirements) if pin not in pinned_uv])


def main(requirements="requirements.txt"):
    if not works(PYTHON, FITS + "; import pip"):
        python = find_python()
        print("Setting up .venv (once; again only when the pins change)", flush=True)
        if not run(python, "-m", "venv", "--clear", ".venv"):
            sys.exit(HELP.format(python))
    if not install(requirements):
        sys.exit("Not installed: " + requirements)
    if requirements == "requirements.txt" and not pip("--no-deps", "--no-build-isolation", "-e", "."):
        sys.exit("memlib could not be installed.")


if __name__ == "__main__":
    main(*sys.argv[1:])
