package io.weft.samples;

import io.weft.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Small pictures with captions, drawn by chance. A picture shows two things, each in a quarter of
 * its own: squares, crosses or rings of four colors; a caption says of one that it is there: <i>a
 * red ring in the upper left</i>. A coin says whether it is; if not, the thing has another color,
 * another shape or another quarter in the picture. The caption is drawn before the coin, so it
 * alone tells nothing.
 */
final class CaptionedShapes {
  /** Height and width of a picture. */
  static final int SIZE = 16;

  /** Height and width of a thing; things stand in a grid of such cells. */
  static final int CELL = 4;

  /** Red, green and blue. */
  static final int CHANNELS = 3;

  /** Words in a caption. */
  static final int WORDS = 7;

  /** Words by their tokens. */
  static final List<String> VOCABULARY =
      List.of(
          "a", "in", "the", "red", "green", "blue", "yellow", "square", "cross", "ring", "upper",
          "lower", "left", "right");

  /** What a picture may show. */
  enum Kind {
    MATCHING("the caption is right"),
    COLOR("another color"),
    SHAPE("another shape"),
    PLACE("another quarter");

    final String words;

    Kind(String words) {
      this.words = words;
    }
  }

  private static final int PIXELS = SIZE * SIZE;
  private static final int COLORS = 4;
  private static final int SHAPES = 3;
  private static final int FIRST_COLOR = VOCABULARY.indexOf("red");
  private static final int FIRST_SHAPE = VOCABULARY.indexOf("square");
  private static final int QUARTERS = 4;
  private static final float[][] RGB = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 1, 0}};
  private static final String[] DRAWN = {
    "####" + "####" + "####" + "####",
    ".##." + "####" + "####" + ".##.",
    "####" + "#..#" + "#..#" + "####"
  };
  private static final double NOISE = 0.1;

  private final int count;
  private final float[] pictures;
  private final int[] captions;
  private final Kind[] kinds;

  /** A thing of a color and a shape in a quarter of the picture. */
  private record Thing(int color, int shape, int quarter) {}

  /** Draws pictures with a caption each; one seed always gives the same. */
  CaptionedShapes(int count, long seed) {
    this.count = count;
    pictures = new float[count * PIXELS * CHANNELS];
    captions = new int[count * WORDS];
    kinds = new Kind[count];
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < pictures.length; i++) {
      pictures[i] = (float) (NOISE * random.nextDouble());
    }
    for (int i = 0; i < count; i++) {
      draw(i, random);
    }
  }

  private void draw(int i, SplittableRandom random) {
    Thing told = thing(random);
    caption(i, told);
    kinds[i] = random.nextBoolean() ? Kind.MATCHING : Kind.values()[1 + random.nextInt(3)];
    Thing shown =
        switch (kinds[i]) {
          case MATCHING -> told;
          case COLOR -> new Thing(another(told.color, COLORS, random), told.shape, told.quarter);
          case SHAPE -> new Thing(told.color, another(told.shape, SHAPES, random), told.quarter);
          case PLACE -> new Thing(told.color, told.shape, another(told.quarter, QUARTERS, random));
        };
    Thing other = thing(random);
    while (other.quarter == shown.quarter || other.equals(told)) {
      other = thing(random);
    }
    paint(i, shown, random);
    paint(i, other, random);
  }

  private static Thing thing(SplittableRandom random) {
    return new Thing(random.nextInt(COLORS), random.nextInt(SHAPES), random.nextInt(QUARTERS));
  }

  private static int another(int than, int count, SplittableRandom random) {
    return (than + 1 + random.nextInt(count - 1)) % count;
  }

  private void caption(int i, Thing thing) {
    String[] words = {
      "a",
      VOCABULARY.get(FIRST_COLOR + thing.color),
      VOCABULARY.get(FIRST_SHAPE + thing.shape),
      "in",
      "the",
      thing.quarter < 2 ? "upper" : "lower",
      thing.quarter % 2 == 0 ? "left" : "right"
    };
    for (int w = 0; w < WORDS; w++) {
      captions[i * WORDS + w] = VOCABULARY.indexOf(words[w]);
    }
  }

  private void paint(int i, Thing thing, SplittableRandom random) {
    int top = (thing.quarter / 2 * 2 + random.nextInt(2)) * CELL;
    int left = (thing.quarter % 2 * 2 + random.nextInt(2)) * CELL;
    for (int y = 0; y < CELL; y++) {
      for (int x = 0; x < CELL; x++) {
        if (DRAWN[thing.shape].charAt(y * CELL + x) == '#') {
          int at = (i * PIXELS + (top + y) * SIZE + left + x) * CHANNELS;
          for (int c = 0; c < CHANNELS; c++) {
            pictures[at + c] += (float) (1 - NOISE) * RGB[thing.color][c];
          }
        }
      }
    }
  }

  /** (count, 16, 16, 3), from 0 to 1. */
  Tensor pictures() {
    return Tensor.of(pictures, count, SIZE, SIZE, CHANNELS);
  }

  /** Tokens (count, 7). */
  Tensor captions() {
    return Tensor.of(captions, count, WORDS);
  }

  /** (count, 1), 1 where the caption is right. */
  Tensor answers() {
    float[] a = new float[count];
    for (int i = 0; i < count; i++) {
      a[i] = kinds[i] == Kind.MATCHING ? 1 : 0;
    }
    return Tensor.of(a, count, 1);
  }

  int count() {
    return count;
  }

  Kind kind(int i) {
    return kinds[i];
  }

  /** The words of a caption. */
  List<String> words(int i) {
    return Arrays.stream(captions, i * WORDS, (i + 1) * WORDS).mapToObj(VOCABULARY::get).toList();
  }

  /** A pixel as 0xRRGGBB. */
  int rgb(int i, int pixel) {
    int all = 0;
    for (int c = 0; c < CHANNELS; c++) {
      all = all << 8 | Math.round(255 * pictures[(i * PIXELS + pixel) * CHANNELS + c]);
    }
    return all;
  }
}
