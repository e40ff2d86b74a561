package io.weft.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class RetrievalModelTest {
  @Test
  void trainsWithAndWithoutItsMemory() throws IOException {
    RetrievalModel.Result r = RetrievalModel.run(1, 5, 2000);
    double chance = Math.log(38) / Math.log(2);
    assertThat(r.with()).isBetween(1.0, chance);
    assertThat(r.without()).isBetween(1.0, chance);
    assertThat(r.others()).isBetween(1.0, chance).isNotEqualTo(r.with());
  }
}
