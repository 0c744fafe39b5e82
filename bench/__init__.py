"""Benchmarks: what a message costs, stage by stage and end to end."""
