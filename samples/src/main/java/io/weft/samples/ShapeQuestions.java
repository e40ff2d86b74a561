package io.weft.samples;

import io.weft.tensor.Tensor;
import java.util.SplittableRandom;

/**
 * Small pictures and questions about them, drawn by chance: three of four colors stand in a grid,
 * each as a full square or as a cross. Is the color a square? Is it in the left half? In the upper
 * half? Each answer is yes or no with equal chance, so the question alone tells nothing; the
 * picture alone tells what holds for most of its colors.
 */
final class ShapeQuestions {
  /** Height and width of a picture. */
  static final int SIZE = 16;

  /** Red, green and blue. */
  static final int CHANNELS = 3;

  /** One of four colors and one of three kinds, each as a one among zeros. */
  static final int QUESTION = 7;

  static final String[] COLORS = {"red", "green", "blue", "yellow"};
  static final String[] KINDS = {"a square", "in the left half", "in the upper half"};

  private static final int CELLS = 4;
  private static final int CELL = SIZE / CELLS;
  private static final float[][] RGB = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 1, 0}};

  private final float[] pictures;
  private final float[] questions;
  private final float[] answers;
  private final int[] colors;
  private final int[] kinds;
  private final int count;

  /** Draws pictures with a question each; one seed always gives the same. */
  ShapeQuestions(int count, long seed) {
    this.count = count;
    pictures = new float[count * SIZE * SIZE * CHANNELS];
    questions = new float[count * QUESTION];
    answers = new float[count];
    colors = new int[count];
    kinds = new int[count];
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < count; i++) {
      draw(i, random);
    }
  }

  private void draw(int i, SplittableRandom random) {
    int missing = random.nextInt(COLORS.length);
    boolean[] taken = new boolean[CELLS * CELLS];
    int[] cells = new int[COLORS.length];
    boolean[] square = new boolean[COLORS.length];
    for (int c = 0; c < COLORS.length; c++) {
      if (c == missing) {
        continue;
      }
      do {
        cells[c] = random.nextInt(CELLS * CELLS);
      } while (taken[cells[c]]);
      taken[cells[c]] = true;
      square[c] = random.nextBoolean();
      paint(i, cells[c], square[c], RGB[c]);
    }
    int asked = (missing + 1 + random.nextInt(COLORS.length - 1)) % COLORS.length;
    int kind = random.nextInt(KINDS.length);
    boolean left = cells[asked] % CELLS < CELLS / 2;
    boolean upper = cells[asked] / CELLS < CELLS / 2;
    boolean yes = kind == 0 ? square[asked] : kind == 1 ? left : upper;
    colors[i] = asked;
    kinds[i] = kind;
    questions[i * QUESTION + asked] = 1;
    questions[i * QUESTION + COLORS.length + kind] = 1;
    answers[i] = yes ? 1 : 0;
  }

  private void paint(int i, int cell, boolean square, float[] rgb) {
    int top = cell / CELLS * CELL;
    int left = cell % CELLS * CELL;
    for (int y = 0; y < CELL; y++) {
      for (int x = 0; x < CELL; x++) {
        boolean middle = y == 1 || y == 2 || x == 1 || x == 2;
        if (square || middle) {
          int at = ((i * SIZE + top + y) * SIZE + left + x) * CHANNELS;
          System.arraycopy(rgb, 0, pictures, at, CHANNELS);
        }
      }
    }
  }

  /** (count, 16, 16, 3), from 0 to 1. */
  Tensor pictures() {
    return Tensor.of(pictures, count, SIZE, SIZE, CHANNELS);
  }

  /** (count, 7). */
  Tensor questions() {
    return Tensor.of(questions, count, QUESTION);
  }

  /** (count, 1), 1 for yes. */
  Tensor answers() {
    return Tensor.of(answers, count, 1);
  }

  int count() {
    return count;
  }

  int kind(int i) {
    return kinds[i];
  }

  boolean yes(int i) {
    return answers[i] == 1;
  }

  /** A question in words. */
  String words(int i) {
    return "is " + COLORS[colors[i]] + " " + KINDS[kinds[i]] + "?";
  }

  /** A picture as lines of text: the first letters of the colors. */
  String text(int i) {
    StringBuilder s = new StringBuilder();
    for (int y = 0; y < SIZE; y++) {
      s.append("  ");
      for (int x = 0; x < SIZE; x++) {
        int at = ((i * SIZE + y) * SIZE + x) * CHANNELS;
        boolean r = pictures[at] > 0;
        boolean g = pictures[at + 1] > 0;
        boolean b = pictures[at + 2] > 0;
        s.append(r && g ? "y " : r ? "r " : g ? "g " : b ? "b " : ". ");
      }
      s.append('\n');
    }
    return s.toString();
  }
}
