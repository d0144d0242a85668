"""Benchmarks: our program beside what people run today, in one run on one machine."""
