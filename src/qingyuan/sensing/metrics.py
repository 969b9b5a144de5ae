"""What the gateway counts for Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

CONNECTIONS = Gauge("qingyuan_gateway_connections", "Connections of devices that are open")
WAITING = Gauge("qingyuan_gateway_waiting_packets", "Packets in memory that are not committed yet")
HELD = Gauge("qingyuan_gateway_held_connections", "Connections that are not read from until the database has caught up")
PACKETS = Counter("qingyuan_gateway_packets", "Packets committed, by what became of them", ["state"])
BYTES = Counter("qingyuan_gateway_bytes", "Bytes of the packets committed")
COMMITS = Histogram(
    "qingyuan_gateway_commit_seconds",
    "Time that one batch took to commit",
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
AWAY = Counter("qingyuan_gateway_database_away", "Times that a batch could not be committed and was kept")
