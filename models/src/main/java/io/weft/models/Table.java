package io.weft.models;

import java.util.ArrayList;
import java.util.List;

/** A table with box-drawing lines; cells wrap in their column. */
final class Table {
  private Table() {}

  /**
   * Draws a table.
   *
   * @param ends where each column ends, as a share of the width
   * @param right the column whose cells stand at its right edge
   */
  static String of(String[] head, List<String[]> rows, double[] ends, int width, int right) {
    int[] w = new int[head.length];
    int at = 0;
    for (int i = 0; i < w.length; i++) {
      int end = (int) (width * ends[i]);
      w[i] = end - at - 3;
      at = end;
    }
    StringBuilder s = new StringBuilder();
    rule(s, w, '┏', '━', '┳', '┓');
    cells(s, head, w, '┃', right);
    rule(s, w, '┡', '━', '╇', '┩');
    for (int r = 0; r < rows.size(); r++) {
      if (r > 0) {
        rule(s, w, '├', '─', '┼', '┤');
      }
      cells(s, rows.get(r), w, '│', right);
    }
    rule(s, w, '└', '─', '┴', '┘');
    return s.toString();
  }

  private static void rule(StringBuilder s, int[] w, char left, char line, char cross, char end) {
    for (int i = 0; i < w.length; i++) {
      s.append(i == 0 ? left : cross).append(String.valueOf(line).repeat(w[i] + 2));
    }
    s.append(end).append('\n');
  }

  private static void cells(StringBuilder s, String[] row, int[] w, char bar, int right) {
    List<List<String>> wrapped = new ArrayList<>();
    int lines = 1;
    for (int i = 0; i < row.length; i++) {
      wrapped.add(wrap(row[i], w[i]));
      lines = Math.max(lines, wrapped.get(i).size());
    }
    for (int k = 0; k < lines; k++) {
      for (int i = 0; i < row.length; i++) {
        String text = k < wrapped.get(i).size() ? wrapped.get(i).get(k) : "";
        String gap = " ".repeat(w[i] - text.length());
        s.append(bar).append(' ').append(i == right ? gap + text : text + gap).append(' ');
      }
      s.append(bar).append('\n');
    }
  }

  /** Breaks at spaces, and inside words that are longer than a line. */
  private static List<String> wrap(String text, int width) {
    List<String> lines = new ArrayList<>();
    String rest = text;
    while (rest.length() > width) {
      int cut = rest.lastIndexOf(' ', width);
      if (cut <= 0) {
        lines.add(rest.substring(0, width));
        rest = rest.substring(width);
      } else {
        lines.add(rest.substring(0, cut));
        rest = rest.substring(cut + 1);
      }
    }
    lines.add(rest);
    return lines;
  }
}
