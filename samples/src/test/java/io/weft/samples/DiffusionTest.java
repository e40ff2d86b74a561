package io.weft.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiffusionTest {
  @Test
  void runsFromDataToPictures(@TempDir Path folder) throws IOException {
    Diffusion.Result r = Diffusion.run(folder, 3, 2);
    assertThat(r.loss()).isFinite().isPositive();
    assertThat(r.recognized()).isBetween(0.0, 1.0);
    BufferedImage png = ImageIO.read(folder.resolve("digits.png").toFile());
    assertThat(png.getWidth()).isEqualTo(2 * 10 * 6);
    assertThat(png.getHeight()).isEqualTo(10 * 10 * 6);
    assertThat(Diffusion.open(folder.resolve("unet.safetensors")).countParams())
        .isEqualTo(Diffusion.model().countParams() - 11 * 16);
  }

  @Test
  void digitsAreReadAndRecognizedAndDrawn(@TempDir Path folder) throws IOException {
    Digits d = Digits.read();
    assertThat(d.labels()).hasSize(1797).startsWith(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    float[] ink = d.images().toFloatArray();
    assertThat(ink[0]).isEqualTo(-1);
    assertThat(ink[2]).isEqualTo(5 / 16f * 2 - 1);
    // the nearest image is the image itself; the two behind it can outvote it
    int right = 0;
    for (int i = 0; i < 200; i++) {
      right += d.recognize(ink, i) == d.labels()[i] ? 1 : 0;
    }
    assertThat(right).isGreaterThan(195);
    Path file = folder.resolve("one.png");
    Tensor first = Tensor.of(Arrays.copyOf(ink, Digits.PIXELS), 1, 1, Digits.SIZE, Digits.SIZE);
    Digits.draw(first, 1, 1, file);
    BufferedImage png = ImageIO.read(file.toFile());
    assertThat(png.getRaster().getSample(0, 0, 0)).isEqualTo(255);
    assertThat(png.getRaster().getSample(4, 1, 0)).isEqualTo(Math.round(255 * (1 - 13 / 16f)));
  }
}
