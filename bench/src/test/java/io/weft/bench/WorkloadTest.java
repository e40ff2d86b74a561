package io.weft.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The benchmarks run, so that they do not rot; nothing is timed here. */
class WorkloadTest {
  @ParameterizedTest
  @EnumSource(Workload.class)
  void runsAndGivesTheSameBitsAgain(Workload w) {
    Tensor first = w.call();
    assertThat(first.toFloatArray()).isNotEmpty().doesNotContain(Float.NaN);
    assertThat(w.call().toFloatArray()).isEqualTo(first.toFloatArray());
  }

  @Test
  void retracesForMoreSizesThanAreKept() {
    RetraceBenchmark b = new RetraceBenchmark();
    b.sizes = 16;
    b.prepare();
    for (int i = 0; i < 17; i++) {
      b.train();
      assertThat(b.predict().get(0).toFloatArray()).isNotEmpty().doesNotContain(Float.NaN);
    }
  }
}
