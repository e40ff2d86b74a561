package io.weft.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForecastingTest {
  @Test
  void runsFromDataToReopenedFiles(@TempDir Path folder) throws IOException {
    Forecasting.Result r = Forecasting.run(folder, 2, 24);
    assertThat(r.epochs()).isEqualTo(2);
    assertThat(r.error()).isFinite().isPositive();
    assertThat(folder.resolve("model.svg"))
        .content()
        .contains("cross_attention")
        .endsWith("</svg>\n");
    assertThat(folder).isDirectoryContaining("glob:**model.weights.h5");
  }

  @Test
  void naiveForecastsAreOfTheSameWindows() {
    BikeRentals data = new BikeRentals(0.8);
    BikeRentals.Windows w = data.windows(7008, data.size(), 1);
    assertThat(w.past().dim(0)).isEqualTo(w.starts().length).isEqualTo(w.target().dim(0));
    assertThat(data.error(w, w.target())).isLessThan(1e-3);
  }
}
