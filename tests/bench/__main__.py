"""Run all measurements, or those named, and store their figures in chapters/_bench, from which the pages show them."""

import json
import platform
import sys
from importlib import import_module
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "chapters" / "_bench"
PARTS = ("bubeck", "bubeck_relu", "bubeck_tradeoff", "dirksen", "dirksen_speed", "madden", "rajput_telescope")

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for part in sys.argv[1:] or PARTS:
        figures = {"python": platform.python_version(), **import_module(f"tests.bench.{part}").measure()}
        path = FOLDER / f"{part}.json"
        path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        print("stored", path.name)
