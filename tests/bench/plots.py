"""Curves as SVG, drawn by gnuplot."""

import math
import subprocess

STYLE = '''set terminal svg size 720,420 font "sans-serif,12" background "white"
set key left top
set grid lc rgb "#dddddd"
set border 3
set tics nomirror
set logscale xy
'''


def draw(file, title, x_label, y_label, curves):
    """`curves`: a list of (name, [(x, y), …])."""
    script = STYLE + f'set output "{file}"\nset title "{title}"\n'
    script += f'set xlabel "{x_label}"\nset ylabel "{y_label}"\n'
    xs = sorted({x for _, points in curves for x, _ in points})
    script += "set xtics (" + ", ".join(f'"{x:,}" {x}' for x in xs) + ")\n"
    script += "plot " + ", ".join(
        f"'-' with linespoints pt 7 ps 0.6 lw 2 title \"{name}\"" for name, _ in curves) + "\n"
    for _, points in curves:
        script += "".join(f"{x} {y}\n" for x, y in points) + "e\n"
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def exponent(points):
    """The slope of a straight line through the points' logarithms: 1 is growth in proportion."""
    logs = [(math.log(x), math.log(y)) for x, y in points]
    mean_x = sum(x for x, _ in logs) / len(logs)
    mean_y = sum(y for _, y in logs) / len(logs)
    return (sum((x - mean_x) * (y - mean_y) for x, y in logs) /
            sum((x - mean_x) ** 2 for x, _ in logs))
