"""What an operator watches, in Prometheus' text format. Labels hold route templates, never an id or a person."""

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "teachmeet_http_requests_total", "Requests answered.", ["method", "route", "status"], registry=REGISTRY
)
REQUEST_SECONDS = Histogram("teachmeet_http_request_seconds", "Time to answer.", ["method", "route"], registry=REGISTRY)
WRITER_GROUP_SIZE = Histogram(
    "teachmeet_writer_group_size",
    "Writes that shared one commit.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
    registry=REGISTRY,
)
WRITER_REFUSED = Counter("teachmeet_writer_refused_total", "Writes refused because too many waited.", registry=REGISTRY)
MEDIA_TYPE = CONTENT_TYPE_LATEST


def exposition() -> bytes:
    return generate_latest(REGISTRY)
