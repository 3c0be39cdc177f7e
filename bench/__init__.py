"""Benchmarks: both sides of each ratio in the same run, on servers of their own with fsync on."""
