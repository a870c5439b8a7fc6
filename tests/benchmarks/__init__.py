"""How fast, and in how much memory, mask videos become numbers: ``python -m tests.benchmarks``.

A script rather than pytest-benchmark or asv, because the figures that matter are ratios to other ways of
doing the same job on a machine that does other work, too: every way runs in a fresh process (so that its
peak memory is its own), they take turns (so that a slow minute hits them all), and what is shown is the
median of the ratios within each round. Neither tool interleaves, nor measures CPU time and peak memory.
"""
