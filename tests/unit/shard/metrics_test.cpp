#include "engine/base/metrics.hpp"

#include <doctest/doctest.h>

using engine::Metrics;

TEST_CASE("figures are written in Prometheus' text format with families together") {
  Metrics metrics;
  metrics.counter("tocsin_refusals_total", "Refused", "code=\"too_old\"").add(2);
  metrics.gauge("tocsin_up", "Up", [] { return 1.0; });
  metrics.counter("tocsin_refusals_total", "Refused", "code=\"expired\"").add();
  metrics.counter("tocsin_refusals_total", "Refused", "code=\"too_old\"").add();
  CHECK(metrics.text() ==
        "# HELP tocsin_refusals_total Refused\n"
        "# TYPE tocsin_refusals_total counter\n"
        "tocsin_refusals_total{code=\"too_old\"} 3\n"
        "tocsin_refusals_total{code=\"expired\"} 1\n"
        "# HELP tocsin_up Up\n"
        "# TYPE tocsin_up gauge\n"
        "tocsin_up 1\n");
}
