package io.weft.layers.attention;

import java.util.ArrayList;
import java.util.List;

/** The equations of attention over tensors of any rank, letters as Keras hands them out. */
record EinsumText(String equation, String biasAxes, int freeAxes) {

  /** A dense layer over the last {@code bound} axes with {@code made} new ones. */
  static EinsumText projection(int free, int bound, int made) {
    String batch = letters(0, free);
    String summed = letters(free, bound);
    String result = letters(free + bound, made);
    return new EinsumText(
        batch + summed + "," + summed + result + "->" + batch + result, result, free - 1);
  }

  /**
   * Scores of projected keys and queries of a rank (heads and width are the last two axes), and
   * values gathered by scores.
   *
   * @param axes the axes attended over
   */
  static String[] attention(int rank, int[] axes) {
    String target = letters(0, rank);
    List<Integer> attended = new ArrayList<>();
    for (int a : axes) {
      attended.add(a);
    }
    StringBuilder source = new StringBuilder();
    StringBuilder scores = new StringBuilder();
    int next = rank;
    for (int i = 0; i < rank; i++) {
      boolean own = attended.contains(i) && i != rank - 1;
      source.append(own ? letter(next++) : target.charAt(i));
      if (!attended.contains(i) && i != rank - 1) {
        scores.append(target.charAt(i));
      }
    }
    attended.forEach(a -> scores.append(target.charAt(a)));
    attended.forEach(a -> scores.append(source.charAt(a)));
    return new String[] {
      source + "," + target + "->" + scores, scores + "," + source + "->" + target
    };
  }

  private static String letters(int from, int count) {
    StringBuilder s = new StringBuilder();
    for (int i = 0; i < count; i++) {
      s.append(letter(from + i));
    }
    return s.toString();
  }

  private static char letter(int i) {
    return (char) ('a' + i);
  }
}
