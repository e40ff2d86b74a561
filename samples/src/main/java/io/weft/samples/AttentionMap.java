package io.weft.samples;

import java.util.List;
import java.util.Locale;

/** Draws how much each word of one sequence looked at each word of another. */
final class AttentionMap {
  private static final int CELL = 34;
  private static final int LEFT = 110;
  private static final int TOP = 100;

  /** A weight by row and column. */
  @FunctionalInterface
  interface Weights {
    double at(int row, int column);
  }

  private AttentionMap() {}

  /** An SVG picture: rows look at columns, dark is much. */
  static String svg(List<String> columns, List<String> rows, Weights weights) {
    StringBuilder s = new StringBuilder();
    s.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                + " font-family=\"sans-serif\" font-size=\"13\">%n"
                + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n",
            LEFT + columns.size() * CELL + 60,
            TOP + rows.size() * CELL + 10));
    for (int c = 0; c < columns.size(); c++) {
      s.append(
          String.format(
              Locale.ROOT,
              "<text transform=\"translate(%d,%d) rotate(-50)\">%s</text>%n",
              LEFT + c * CELL + 18,
              TOP - 8,
              columns.get(c)));
    }
    for (int r = 0; r < rows.size(); r++) {
      s.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n",
              LEFT - 8,
              TOP + r * CELL + 21,
              rows.get(r)));
      for (int c = 0; c < columns.size(); c++) {
        double w = weights.at(r, c);
        s.append(
            String.format(
                Locale.ROOT,
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#1f4e9c\""
                    + " fill-opacity=\"%.3f\" stroke=\"#cccccc\"><title>%.2f</title></rect>%n",
                LEFT + c * CELL,
                TOP + r * CELL,
                CELL,
                CELL,
                w,
                w));
      }
    }
    return s.append("</svg>\n").toString();
  }
}
