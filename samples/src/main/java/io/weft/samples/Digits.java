package io.weft.samples;

import io.weft.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import javax.imageio.ImageIO;

/**
 * 1,797 handwritten digits of 8×8 pixels. Source and licence: the README beside the file.
 *
 * @param images (count, 1, 8, 8), from −1 (paper) to 1 (ink)
 * @param labels which digit each is
 */
record Digits(Tensor images, int[] labels) {
  static final int SIZE = 8;
  static final int PIXELS = SIZE * SIZE;
  static final int CLASSES = 10;

  private static final String FILE = "digits.csv.gz";
  private static final float MOST_INK = 16;

  /** Reads the file. */
  static Digits read() {
    List<String[]> rows = new ArrayList<>();
    try (InputStream in = Digits.class.getResourceAsStream(FILE);
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(new GZIPInputStream(in), StandardCharsets.US_ASCII))) {
      for (String l = lines.readLine(); l != null; l = lines.readLine()) {
        rows.add(l.split(","));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    float[] ink = new float[rows.size() * PIXELS];
    int[] labels = new int[rows.size()];
    for (int i = 0; i < labels.length; i++) {
      for (int p = 0; p < PIXELS; p++) {
        ink[i * PIXELS + p] = Integer.parseInt(rows.get(i)[p]) / MOST_INK * 2 - 1;
      }
      labels[i] = Integer.parseInt(rows.get(i)[PIXELS]);
    }
    return new Digits(Tensor.of(ink, labels.length, 1, SIZE, SIZE), labels);
  }

  /** The digit that most of the three nearest of these images show. */
  int recognize(float[] images, int at) {
    float[] known = images().toFloatArray();
    double[] nearest = {Double.MAX_VALUE, Double.MAX_VALUE, Double.MAX_VALUE};
    int[] label = new int[nearest.length];
    for (int i = 0; i < labels.length; i++) {
      double d = 0;
      for (int p = 0; p < PIXELS; p++) {
        double diff = known[i * PIXELS + p] - images[at * PIXELS + p];
        d += diff * diff;
      }
      int rank = nearest.length;
      while (rank > 0 && d < nearest[rank - 1]) {
        rank--;
      }
      if (rank < nearest.length) {
        for (int k = nearest.length - 1; k > rank; k--) {
          nearest[k] = nearest[k - 1];
          label[k] = label[k - 1];
        }
        nearest[rank] = d;
        label[rank] = labels[i];
      }
    }
    return label[1] == label[2] ? label[1] : label[0];
  }

  /** Draws images row by row, {@code columns} in a row, as one PNG file. */
  static void draw(Tensor images, int columns, int zoom, Path file) throws IOException {
    float[] ink = images.toFloatArray();
    int count = images.dim(0);
    int cell = (SIZE + 2) * zoom;
    int rows = (count + columns - 1) / columns;
    BufferedImage png =
        new BufferedImage(columns * cell, rows * cell, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < png.getHeight(); y++) {
      for (int x = 0; x < png.getWidth(); x++) {
        int i = y / cell * columns + x / cell;
        int row = y % cell / zoom - 1;
        int column = x % cell / zoom - 1;
        boolean inside = row >= 0 && row < SIZE && column >= 0 && column < SIZE && i < count;
        float v = inside ? ink[i * PIXELS + row * SIZE + column] : -1;
        png.getRaster()
            .setSample(x, y, 0, Math.round(255 * (1 - Math.max(0, Math.min((v + 1) / 2, 1)))));
      }
    }
    if (!ImageIO.write(png, "png", file.toFile())) {
      throw new IOException(file + ": no PNG writer in this Java runtime");
    }
  }
}
