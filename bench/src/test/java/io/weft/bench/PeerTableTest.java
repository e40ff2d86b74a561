package io.weft.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.serialization.json.JsonCodec;
import org.junit.jupiter.api.Test;

class PeerTableTest {
  private static final String WORKLOADS =
      """
      {"W2": {"mflop_per_sample": 2.0, "weight_mb_read": 1.0, "io_mb_per_sample": 0.0, "params": 250000}}\
      """;
  private static final String MACHINE =
      """
      {"peak_gflops": {"1": 100, "2": 200}, "l2_mb": 0.5, "l3_mb": 32,
       "gb_s": {"l2": 50, "l3": 10, "dram": 5, "dram2": 8}}\
      """;

  private static String table(String results) {
    return new PeerTable(
            JsonCodec.read("results", results),
            JsonCodec.read("workloads", WORKLOADS),
            JsonCodec.read("machine", MACHINE),
            "weft")
        .markdown();
  }

  @Test
  void comparesWithTheBestPeerAndTheLimit() {
    // one row: 1 MB of weights, half from L2 (0.01 ms), half from L3 (0.05 ms), against 0.02 ms of
    // arithmetic
    assertThat(
            table(
                """
                {"W2/predict/b1/t1/weft-25": {"median_ms": 0.12}, "W2/predict/b1/t1/ort": {"median_ms": 0.24},
                 "W2/predict/b1/t1/torch": {"median_ms": 0.01, "error": "wrong result"}}\
                """))
        .contains(
            "| row | weft-25 | best peer | best JVM peer | weft-25 ÷ best | best of ours ÷ limit |")
        .contains("| W2 predict 1 | 0.120 | ort 0.240 | | **0.500** | 2.00 |");
  }

  @Test
  void countsStepsAndThreadsAndLeavesColdStartsWithoutLimit() {
    // 32 rows on 2 threads: 3 · 2 MFLOP · 32 / 200 = 0.96 ms
    assertThat(
            table(
                """
                {"W2/train/b32/t2/weft": {"median_ms": 9.6}, "W2/train/b32/t2/tfjava": {"median_ms": 4.8},
                 "W2/cold/b1/t1/weft": {"median_ms": 230}, "W2/cold/b1/t1/tf": {"error": "timeout"}}\
                """))
        .contains("One thread:")
        .contains("| W2 cold | 230 | | |  |  |")
        .contains("2 threads:")
        .contains("| W2 train 32 | 9.60 | tfjava 4.80 | tfjava 4.80 | 2.00 | 10.0 |");
  }
}
