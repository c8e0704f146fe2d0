"""What every section says of a phase in which one message goes to everybody."""
from .checks import full_of
from .figures import HERD_FULL, Figure

LATENCIES = [
    Figure("p50_ms", "p50, ms"),
    Figure("p99_ms", "p99, ms"),
    Figure("last_ms", "last reader, ms"),
]
CPU_AND_LATENCIES = [Figure("cpu_us", "CPU a delivery, one POST at a time, µs"), *LATENCIES]


def missed(told):
    """Over all phases."""
    return sum(one["missed"] for one in told.values()
               if isinstance(one, dict) and "missed" in one)


def of_phase(told, phase):
    """Those figures, what was missed, and which of them are of a full herd."""
    one = told[phase]
    return {"cpu_us": one["server_cpu_us"], "p50_ms": one["lat_us"]["p50"] / 1e3,
            "p99_ms": one["lat_us"]["p99"] / 1e3, "last_ms": one["last_us"]["median"] / 1e3,
            "missed": missed(told),
            HERD_FULL: full_of(told, dict.fromkeys(("cpu_us", "p50_ms", "p99_ms", "last_ms"),
                                                   [phase]))}
