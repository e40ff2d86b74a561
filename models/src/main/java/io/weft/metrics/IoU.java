package io.weft.metrics;

import io.weft.config.Args;
import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Indexing.Combine;
import io.weft.tensor.Ops;
import io.weft.tensor.Segment;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.List;

/**
 * Intersection over union of classes, from a matrix of (right class, predicted class) counts. The
 * table {@link #entries} has Keras' five kinds, which differ in the arguments they take.
 */
public final class IoU extends Metric {
  private static final List<Entry<Metric>> ENTRIES =
      List.of(
          row("IoU", "name", "dtype"),
          row("MeanIoU", "num_classes", "name", "dtype"),
          row("BinaryIoU", "target_class_ids", "threshold", "name", "dtype"),
          row("OneHotIoU", "num_classes", "target_class_ids", "name", "dtype"),
          row("OneHotMeanIoU", "num_classes", "name", "dtype"));

  private final String[] keyOrder;
  private final int classes;
  private final int[] targets;
  private final Double threshold;
  private final Integer ignored;
  private final boolean sparseTruth;
  private final boolean sparseGuess;
  private final int axis;
  private final Variable matrix;

  private static Entry<Metric> row(String className, String... keyOrder) {
    List<Entry<Metric>> self = new ArrayList<>();
    self.add(
        new Entry<>(
            Metric.class,
            "keras.metrics",
            className,
            null,
            c -> new IoU(self.get(0), c, keyOrder)));
    return self.get(0);
  }

  private IoU(Entry<?> type, Config config, String[] keyOrder) {
    super(type, config, null, "int64");
    this.keyOrder = keyOrder;
    String name = type.className();
    boolean binary = name.startsWith("Binary");
    boolean oneHot = name.startsWith("OneHot");
    classes = binary ? 2 : args.positiveInt("num_classes");
    targets = name.contains("Mean") ? null : targets(args, binary);
    threshold = binary ? args.number("threshold", 0.5) : null;
    ignored = binary ? null : args.integerOrNull("ignore_class", null);
    sparseTruth = !oneHot && (binary || args.bool("sparse_y_true", true));
    sparseGuess = binary || args.bool("sparse_y_pred", !oneHot);
    axis = binary ? -1 : args.integer("axis", -1);
    matrix = state("total_confusion_matrix", Shape.of(classes, classes));
  }

  private int[] targets(Args a, boolean binary) {
    int[] ids = a.intListOrNull("target_class_ids", binary ? List.of(0L, 1L) : null);
    if (ids == null || ids.length == 0) {
      throw a.refuse("target_class_ids", "a list of classes");
    }
    for (int id : ids) {
      if (id >= classes || id < 0) {
        throw a.refuse("target_class_ids", "classes in [0, " + classes + ")");
      }
    }
    return ids;
  }

  /** All metrics of this kind. */
  public static List<Entry<Metric>> entries() {
    return ENTRIES;
  }

  @Override
  public void update(Tensor yTrue, Tensor yPred, Tensor sampleWeight) {
    Tensor p = threshold == null ? yPred : Ops.greaterEqual(yPred, threshold);
    Tensor t = ids(yTrue, sparseTruth);
    p = ids(p, sparseGuess);
    // weights take the dtype of the matrix, as in Keras: fractions are cut off in integer ones
    Tensor w =
        sampleWeight == null
            ? Ops.ones(t.shape(), dtype())
            : Ops.broadcastTo(Ops.reshape(Ops.cast(sampleWeight, dtype()), -1), t.shape());
    Tensor inside = Ops.logicalAnd(inside(t), inside(p));
    if (ignored != null) {
      inside = Ops.logicalAnd(inside, Ops.notEqual(t, ignored));
    }
    Tensor cell = Ops.where(inside, Ops.add(Ops.multiply(t, classes), p), -1);
    Segment sum = new Segment(Combine.ADD, classes * classes, 0);
    add(matrix, Ops.reshape(Ops.apply1(sum, w, cell), classes, classes));
  }

  private Tensor ids(Tensor x, boolean sparse) {
    Tensor i = sparse ? Ops.cast(x, dtype()) : Ops.argmax(x, axis, false);
    return Ops.reshape(Ops.cast(i, DType.INT32), -1);
  }

  private Tensor inside(Tensor id) {
    return Ops.logicalAnd(Ops.greaterEqual(id, 0), Ops.less(id, classes));
  }

  @Override
  public Tensor result() {
    Tensor m = matrix.raw();
    Tensor eye = Ops.oneHot(Ops.arange(classes), classes, -1, m.dtype());
    Tensor hit = Ops.sum(m.times(eye), new int[] {0}, false);
    Tensor any = Ops.sum(m, new int[] {0}, false).plus(Ops.sum(m, new int[] {1}, false)).minus(hit);
    Tensor hits = Ops.cast(chosen(hit), DType.FLOAT32);
    Tensor union = Ops.cast(chosen(any), DType.FLOAT32);
    Tensor valid = Ops.greater(union, 1e-9);
    Tensor iou = Ops.where(valid, hits.divide(union.plus(1e-7)), 0.0);
    return Ops.sum(iou).divide(Ops.sum(Ops.cast(valid, DType.FLOAT32)).plus(1e-7));
  }

  private Tensor chosen(Tensor x) {
    if (targets == null) {
      return x;
    }
    HostArray ids = new HostArray(DType.INT32, Shape.of(targets.length), targets.clone());
    return Ops.take(x, Tensor.ofTrusted(ids), 0);
  }

  @Override
  public Boolean rises() {
    return true;
  }

  @Override
  public Config getConfig() {
    return inOrder(keyOrder);
  }
}
