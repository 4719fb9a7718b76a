"""How fast it is on this machine: load over HTTP, with the server and the generator in processes of their own."""

from haechi.bench.errors import BadAnswer, BadPlan, BenchError, LoadFailed, NotHaechi, NotLoopback, ServerFailed
from haechi.bench.load import check_is_haechi, run
from haechi.bench.plan import Figures, Latency, Plan
from haechi.bench.process import Server, cpu_s, floor_command, run_apart, server

__all__ = [
    "BadAnswer",
    "BadPlan",
    "BenchError",
    "Figures",
    "Latency",
    "LoadFailed",
    "NotHaechi",
    "NotLoopback",
    "Plan",
    "Server",
    "ServerFailed",
    "check_is_haechi",
    "cpu_s",
    "floor_command",
    "run",
    "run_apart",
    "server",
]
