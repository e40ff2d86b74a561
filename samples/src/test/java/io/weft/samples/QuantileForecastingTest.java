package io.weft.samples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuantileForecastingTest {
  @Test
  void aLittleTrainingGivesQuantilesThatCostLessThanTheNaiveForecast() {
    QuantileForecasting.Result r = QuantileForecasting.run(3, 24);
    assertThat(r.pinball()).isPositive().isLessThan(r.naivePinball());
    assertThat(r.inside()).isBetween(0.3, 1.0);
  }
}
