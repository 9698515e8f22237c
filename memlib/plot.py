"""The recurrent pictures, in one style: the same colour and shape for a label everywhere, safe for colour blindness."""

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

#: Label -> colour (Okabe and Ito's palette) and marker; colour is never the only sign.
COLOURS = {0: "#0072B2", 1: "#D55E00", 2: "#009E73", 3: "#CC79A7"}
MARKERS = {0: "o", 1: "^", 2: "s", 3: "D"}
SLABS = ("#E69F00", "#CC79A7", "#009E73", "#56B4E9", "#F0E442")
plt.rcParams.update({
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.grid": False,
    "figure.constrained_layout.use": True,
    "figure.dpi": 120,
    "font.size": 10,
    "legend.frameon": False,
})  # fmt: skip


def figure(width: float = 6.6, height: float = 3.6, columns: int = 1, **options: Any) -> tuple[Any, Any]:
    """Return (figure, axes) in the book's style; `columns` panels side by side, sizes in inches."""
    return plt.subplots(1, columns, figsize=(width, height), **options)


def show() -> None:
    """End a cell with its figure; the last line of a cell then leaves no text behind."""
    plt.show()


def points(ax: Any, X: Any, y: Any, size: float = 55, names: bool = False) -> None:
    """Draw points of the plane, shape (n, 2), with colour and shape by label; `names` writes their indices."""
    X, y = np.asarray(X, dtype=float), np.asarray(y)
    for label in sorted(set(y.tolist())):
        chosen = y == label
        ax.scatter(
            *X[chosen].T, s=size, color=COLOURS[label], marker=MARKERS[label], label=f"label {label}", zorder=3,
            edgecolor="white", linewidth=0.6,
        )  # fmt: skip
    if names:
        for i, x in enumerate(X):
            ax.annotate(str(i), x, xytext=(6, 5), textcoords="offset points", zorder=4)


def frame(ax: Any, X: Any, margin: float = 0.12) -> None:
    """Set equal axes that show all the points with a margin; no ticks, no spines."""
    X = np.asarray(X, dtype=float)
    low, high = X.min(axis=0), X.max(axis=0)
    pad = margin * (high - low).max()
    ax.set(xlim=(low[0] - pad, high[0] + pad), ylim=(low[1] - pad, high[1] + pad), aspect="equal")
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)


def slab(ax: Any, u: Sequence, b: float, tau: float, colour: str = SLABS[0], line: bool = True) -> None:
    """Shade the slab |u.x - b| <= tau of the plane and draw its middle line; the axes' limits must be set."""
    length = float(np.hypot(float(u[0]), float(u[1])))
    normal = np.array([float(c) for c in u]) / length
    along = np.array([-normal[1], normal[0]])
    centre = np.array([np.mean(ax.get_xlim()), np.mean(ax.get_ylim())])
    foot = centre + (float(b) / length - centre @ normal) * normal
    far = 4 * max(np.ptp(ax.get_xlim()), np.ptp(ax.get_ylim()))
    edge = float(tau) / length
    corners = [foot + s * far * along + t * edge * normal for s, t in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    ax.add_patch(plt.Polygon(corners, color=colour, alpha=0.35, linewidth=0, zorder=1))
    if line:
        ends = np.array([foot - far * along, foot + far * along])
        ax.plot(*ends.T, color=colour, linewidth=1, zorder=2)


_SLIDER = """<div class="slider-slab">
<style>
.slider-slab svg {{ width: 100%; height: auto; color: inherit; border: 1px solid currentColor; border-radius: 4px; }}
.slider-slab .band {{ stroke: #E69F00; stroke-opacity: .45; }}
.slider-slab .middle {{ stroke: #E69F00; stroke-width: 1; }}
.slider-slab .member {{ fill: #D55E00; }}
.slider-slab .stranger {{ fill: #0072B2; }}
.slider-slab .caught {{ fill: #CC79A7; stroke: currentColor; stroke-width: 2; }}
.slider-slab label {{ display: flex; gap: .8em; align-items: center; }}
.slider-slab input {{ flex: 1; min-width: 0; }}
</style>
<svg viewBox="0 0 {width} {height}" role="img" aria-label="{alt}">
<line class="band" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke-width="{start}"/>
<line class="middle" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>
{circles}
</svg>
<label>thickness <input type="range" min="0" max="{most}" step="0.5" value="{start}"
 aria-label="thickness of the stripe"></label>
<p role="status" aria-live="polite">The stripe contains its two members and nobody else.</p>
<script>
(function () {{
  const box = document.currentScript.parentElement;
  const band = box.querySelector(".band"), text = box.querySelector("p");
  const strangers = [...box.querySelectorAll(".stranger")];
  box.querySelector("input").addEventListener("input", event => {{
    const half = Number(event.target.value) / 2;
    band.setAttribute("stroke-width", 2 * half);
    const caught = strangers.filter(dot => Number(dot.dataset.distance) <= half);
    strangers.forEach(dot => dot.classList.toggle("caught", caught.includes(dot)));
    text.textContent = half === 0 ? "No thickness: the two neurons cancel everywhere."
      : caught.length === 0 ? "The stripe contains its two members and nobody else."
      : "Too thick: it has caught " + caught.length + (caught.length === 1 ? " stranger." : " strangers.");
  }});
}})();
</script>
</div>"""


def slider_slab(points: Sequence, slab: Any, width: int = 640, height: int = 300) -> str:
    """Return HTML with a slab of the plane whose thickness the reader sets; works in a static page.

    points : integer points of the plane. slab : an object with `u`, `b`, `tau` and `group.members`.
    """
    X = np.array(points, dtype=float)
    unit = min(width / np.ptp(X[:, 0]), height / np.ptp(X[:, 1])) * 0.86
    middle = (X.max(axis=0) + X.min(axis=0)) / 2
    screen = (X - middle) * [unit, -unit] + [width / 2, height / 2]
    u = np.array([float(c) for c in slab.u])
    length = np.hypot(*u)
    distances = np.abs(X @ u - float(slab.b)) / length * unit
    foot = screen[slab.group.members[0]]
    along = np.array([u[1], u[0]]) / length  # the screen's second axis points down
    ends = np.concatenate([foot - 2000 * along, foot + 2000 * along])
    circles = []
    for i, (x, y) in enumerate(screen):
        member = i in slab.group.members
        kind = f'class="stranger" data-distance="{distances[i]:.2f}"' if not member else 'class="member"'
        circles.append(f'<circle {kind} cx="{x:.1f}" cy="{y:.1f}" r="{7 if member else 5}"/>')
    nearest = min(distances[i] for i in range(len(X)) if i not in slab.group.members)
    x1, y1, x2, y2 = (f"{v:.1f}" for v in ends)
    return _SLIDER.format(
        width=width, height=height, x1=x1, y1=y1, x2=x2, y2=y2, circles="\n".join(circles),
        start=round(nearest), most=round(5 * nearest),
        alt=f"{len(X)} points of the plane and a stripe through two of them; the slider below sets its thickness",
    )  # fmt: skip
