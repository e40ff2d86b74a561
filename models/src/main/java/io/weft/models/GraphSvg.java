package io.weft.models;

import io.weft.layer.Layer;
import io.weft.layer.Node;
import io.weft.layer.OpOperation;
import io.weft.layer.Operation;
import io.weft.tensor.KerasTensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model's graph as SVG: one box for each layer or op, in rows by its distance from the inputs;
 * within a row the boxes stand near what feeds them.
 */
public final class GraphSvg {
  private static final int BOX_HEIGHT = 46;
  private static final int GAP_X = 28;
  private static final int GAP_Y = 44;
  private static final int MARGIN = 24;

  private record Box(String name, String kind, String shape, List<Integer> from) {}

  private GraphSvg() {}

  /** The drawing as a whole SVG document. */
  public static String of(Model model) {
    List<Box> boxes = model instanceof Functional f ? graph(f) : chain(model);
    int[] row = new int[boxes.size()];
    int rows = 0;
    for (int i = 0; i < row.length; i++) {
      for (int p : boxes.get(i).from()) {
        row[i] = Math.max(row[i], row[p] + 1);
      }
      rows = Math.max(rows, row[i] + 1);
    }
    double[] x = new double[boxes.size()];
    double width = place(boxes, row, rows, x);
    double height = rows * (BOX_HEIGHT + GAP_Y) - GAP_Y + 2 * MARGIN;
    StringBuilder s = new StringBuilder();
    s.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ")
        .append(number(width))
        .append(' ')
        .append(number(height))
        .append("\" font-family=\"Helvetica, Arial, sans-serif\">\n");
    s.append("<title>").append(escape(model.name())).append("</title>\n");
    s.append("<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\"")
        .append(" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">")
        .append("<path d=\"M0 0 L8 4 L0 8 z\" fill=\"#5b6770\"/></marker></defs>\n");
    s.append("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
    for (int i = 0; i < row.length; i++) {
      for (int p : boxes.get(i).from()) {
        edge(s, x[p], y(row[p]) + BOX_HEIGHT, x[i], y(row[i]), row[i] - row[p]);
      }
    }
    for (int i = 0; i < row.length; i++) {
      box(s, boxes.get(i), x[i], y(row[i]));
    }
    return s.append("</svg>\n").toString();
  }

  private static List<Box> graph(Functional f) {
    List<Box> boxes = new ArrayList<>();
    Map<Operation, Integer> index = new IdentityHashMap<>();
    for (Operation o : inOrder(f)) {
      List<Integer> from = new ArrayList<>();
      List<Node> nodes = f.nodesOf(o);
      for (Node n : nodes) {
        for (KerasTensor t : n.inputs()) {
          Integer p = index.get(((Node) t.producer()).operation());
          if (p != null && !from.contains(p)) {
            from.add(p);
          }
        }
      }
      List<KerasTensor> out = nodes.get(0).outputs();
      String shape =
          out.size() == 1
              ? out.get(0).shape().toString()
              : out.stream().map(KerasTensor::shape).toList().toString();
      String kind =
          o instanceof Layer l ? l.type().pythonName() : ((OpOperation) o).op().className();
      index.put(o, boxes.size());
      boxes.add(new Box(o.name(), kind, shape, from));
    }
    return boxes;
  }

  /** Operations such that the first call of each comes after what it reads. */
  private static List<Operation> inOrder(Functional f) {
    List<Operation> ops = new ArrayList<>(f.operations());
    ops.sort(Comparator.comparingLong(o -> f.nodesOf(o).get(0).serial()));
    return ops;
  }

  private static List<Box> chain(Model model) {
    List<Box> boxes = new ArrayList<>();
    for (Layer l : model.layers()) {
      String shape = l.isBuilt() ? l.outputShapes().toString() : "?";
      List<Integer> from = boxes.isEmpty() ? List.of() : List.of(boxes.size() - 1);
      boxes.add(new Box(l.name(), l.type().pythonName(), shape, from));
    }
    return boxes;
  }

  private static double boxWidth(Box b) {
    int chars = Math.max(b.name().length() + 2, b.kind().length() + b.shape().length() + 3);
    return Math.max(110, chars * 6.6 + 18);
  }

  private static double y(int row) {
    return MARGIN + row * (BOX_HEIGHT + GAP_Y);
  }

  /** Centers of the boxes; returns the width of the drawing. */
  private static double place(List<Box> boxes, int[] row, int rows, double[] x) {
    List<List<Integer>> lines = new ArrayList<>();
    for (int r = 0; r < rows; r++) {
      lines.add(new ArrayList<>());
    }
    for (int i = 0; i < row.length; i++) {
      lines.get(row[i]).add(i);
    }
    double width = 0;
    for (List<Integer> line : lines) {
      double w = -GAP_X;
      for (int i : line) {
        w += boxWidth(boxes.get(i)) + GAP_X;
      }
      width = Math.max(width, w);
    }
    for (List<Integer> line : lines) {
      for (int i : line) {
        List<Integer> from = boxes.get(i).from();
        x[i] = from.stream().mapToDouble(p -> x[p]).average().orElse(width / 2);
      }
      line.sort(Comparator.comparingDouble(i -> x[i]));
      spread(boxes, line, x, width);
    }
    double shift = MARGIN;
    for (int i = 0; i < x.length; i++) {
      x[i] += shift;
    }
    return width + 2 * MARGIN;
  }

  /**
   * Moves the boxes of a row apart, keeping their order and as near as can be to where they want to
   * be.
   */
  private static void spread(List<Box> boxes, List<Integer> line, double[] x, double width) {
    double left = 0;
    for (int i : line) {
      double half = boxWidth(boxes.get(i)) / 2;
      x[i] = Math.max(x[i], left + half);
      left = x[i] + half + GAP_X;
    }
    double right = width;
    List<Integer> back = new ArrayList<>(line);
    Collections.reverse(back);
    for (int i : back) {
      double half = boxWidth(boxes.get(i)) / 2;
      x[i] = Math.min(x[i], right - half);
      right = x[i] - half - GAP_X;
    }
  }

  private static void edge(StringBuilder s, double x1, double y1, double x2, double y2, int span) {
    double bend = Math.min(60, (y2 - y1) / 2);
    double side = span > 1 && Math.abs(x1 - x2) < 1 ? 70 : 0;
    s.append("<path d=\"M").append(number(x1)).append(' ').append(number(y1));
    s.append(" C").append(number(x1 + side)).append(' ').append(number(y1 + bend));
    s.append(", ").append(number(x2 + side)).append(' ').append(number(y2 - bend));
    s.append(", ").append(number(x2)).append(' ').append(number(y2 - 1));
    s.append(
        "\" fill=\"none\" stroke=\"#5b6770\" stroke-width=\"1.3\" marker-end=\"url(#tip)\"/>\n");
  }

  private static void box(StringBuilder s, Box b, double x, double y) {
    double w = boxWidth(b);
    String fill = b.kind().equals("InputLayer") ? "#fff3d6" : "#e8f1fb";
    s.append("<rect x=\"").append(number(x - w / 2)).append("\" y=\"").append(number(y));
    s.append("\" width=\"").append(number(w)).append("\" height=\"").append(BOX_HEIGHT);
    s.append("\" rx=\"6\" fill=\"").append(fill).append("\" stroke=\"#3d6fa5\"/>\n");
    text(s, x, y + 19, 12, "bold", b.name());
    text(s, x, y + 36, 11, "normal", b.kind() + "  " + b.shape());
  }

  private static void text(StringBuilder s, double x, double y, int size, String weight, String t) {
    s.append("<text x=\"").append(number(x)).append("\" y=\"").append(number(y));
    s.append("\" font-size=\"").append(size).append("\" font-weight=\"").append(weight);
    s.append("\" text-anchor=\"middle\" fill=\"#1d2b36\">").append(escape(t)).append("</text>\n");
  }

  private static String number(double v) {
    return String.format(java.util.Locale.ROOT, "%.1f", v);
  }

  /**
   * Names come from files: nothing of them may become markup, and control characters are no XML.
   */
  private static String escape(String t) {
    StringBuilder s = new StringBuilder();
    for (char c : t.toCharArray()) {
      switch (c) {
        case '<' -> s.append("&lt;");
        case '>' -> s.append("&gt;");
        case '&' -> s.append("&amp;");
        case '"' -> s.append("&quot;");
        default -> s.append(c < ' ' || Character.isSurrogate(c) || c >= 0xfffe ? '?' : c);
      }
    }
    return s.toString();
  }
}
