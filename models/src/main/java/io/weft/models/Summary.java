package io.weft.models;

import io.weft.layer.Layer;
import io.weft.layer.Node;
import io.weft.layer.Operation;
import io.weft.tensor.KerasTensor;
import io.weft.tensor.Shape;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The table of a model's layers, as {@code model.summary()} of Keras prints it. */
public final class Summary {
  private static final String[] UNITS = {"B", "KB", "MB", "GB", "TB", "PB"};

  private Summary() {}

  /** The table in Keras' width: 88 columns, 108 where layers have several inputs. */
  public static String of(Model model) {
    boolean graph = model instanceof Functional;
    List<String[]> rows = new ArrayList<>();
    if (model instanceof Functional f) {
      for (Operation o : f.operations()) {
        rows.add(row(f, o));
      }
    } else {
      for (Layer l : model.layers()) {
        rows.add(new String[] {title(l), shapes(l), params(l)});
      }
    }
    String[] head =
        graph
            ? new String[] {"Layer (type)", "Output Shape", "Param #", "Connected to"}
            : new String[] {"Layer (type)", "Output Shape", "Param #"};
    double[] ends = graph ? new double[] {0.3, 0.56, 0.74, 1} : new double[] {0.45, 0.8, 1};
    String table = Table.of(head, rows, ends, graph ? 108 : 88, 2);
    return "Model: \"" + model.name() + "\"\n" + table + totals(model);
  }

  private static String title(Operation o) {
    String type =
        o instanceof Layer l
            ? l.type().pythonName()
            : ((io.weft.layer.OpOperation) o).op().className();
    return o.name() + " (" + type + ")";
  }

  private static String[] row(Functional f, Operation o) {
    List<String> shapes = new ArrayList<>();
    List<String> from = new ArrayList<>();
    List<Node> nodes = f.nodesOf(o);
    for (KerasTensor t : nodes.get(0).outputs()) {
      shapes.add(t.shape().toString());
    }
    for (Node n : nodes) {
      for (KerasTensor t : n.inputs()) {
        KerasTensor k = (KerasTensor) t.identity();
        int node = f.nodesOf(((Node) k.producer()).operation()).indexOf(k.producer());
        from.add(k.producer().producerName() + "[" + node + "][" + k.index() + "]");
      }
    }
    String shape = shapes.size() == 1 ? shapes.get(0) : shapes.toString();
    return new String[] {
      title(o),
      shape,
      o instanceof Layer l ? params(l) : "0",
      from.isEmpty() ? "-" : String.join(", ", from)
    };
  }

  private static String shapes(Layer l) {
    if (!l.isBuilt()) {
      return "?";
    }
    List<Shape> out = l.outputShapes();
    return out.isEmpty() ? "?" : out.size() == 1 ? out.get(0).toString() : out.toString();
  }

  private static String params(Layer l) {
    boolean input = l.type().className().equals("InputLayer");
    return l.isBuilt() || input ? grouped(l.countParams()) : "0 (unbuilt)";
  }

  private static String grouped(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  private static String totals(Model model) {
    List<Variable> optimizer =
        model.optimizer() != null && model.optimizer().isBuilt()
            ? model.optimizer().variables()
            : List.of();
    List<Variable> all = new ArrayList<>(model.weights());
    all.addAll(optimizer);
    String s =
        line("Total params", all)
            + line("Trainable params", model.trainableWeights())
            + line("Non-trainable params", model.nonTrainableWeights());
    return optimizer.isEmpty() ? s : s + line("Optimizer params", optimizer);
  }

  private static String line(String what, List<Variable> vars) {
    long n = 0;
    double bytes = 0;
    for (Variable v : vars) {
      n += v.shape().size();
      bytes += (double) v.shape().size() * v.dtype().bytes();
    }
    int unit = 0;
    while (bytes >= 1024 && unit < UNITS.length - 1) {
      bytes /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, " %s: %s (%.2f %s)\n", what, grouped(n), bytes, UNITS[unit]);
  }
}
