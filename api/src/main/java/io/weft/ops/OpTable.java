package io.weft.ops;

import io.weft.error.UnsupportedFeatureException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All public operations, by function name and by the class name that files hold. Immutable. */
public final class OpTable {
  private static final class Holder {
    static final Map<String, PublicOp> BY_FUNCTION = new HashMap<>();
    static final Map<String, PublicOp> BY_CLASS = new HashMap<>();

    static {
      List<PublicOp> all = new ArrayList<>();
      all.addAll(ElementwiseOps.table());
      all.addAll(ArithmeticOps.table());
      all.addAll(LogicOps.table());
      all.addAll(ReductionOps.table());
      all.addAll(NanOps.table());
      all.addAll(ShapeOps.table());
      all.addAll(PadOps.table());
      all.addAll(JoinOps.table());
      all.addAll(IndexOps.table());
      all.addAll(MatrixOps.table());
      all.addAll(CreationOps.table());
      all.addAll(RangeOps.table());
      all.addAll(WindowOps.table());
      all.addAll(ProductOps.table());
      all.addAll(SortOps.table());
      all.addAll(UniqueOps.table());
      all.addAll(QuantileOps.table());
      all.addAll(StatisticsOps.table());
      all.addAll(CoreOps.table());
      all.addAll(ActivationOps.table());
      all.addAll(NnOps.table());
      all.addAll(NormalizationOps.table());
      all.addAll(LossOps.table());
      all.addAll(MathOps.table());
      all.addAll(SegmentOps.table());
      all.addAll(EinopsOps.table());
      all.addAll(FourierOps.table());
      all.addAll(LinalgOps.table());
      all.addAll(ConvolutionOps.table());
      all.addAll(ImageOps.table());
      all.addAll(PatchOps.table());
      for (PublicOp op : all) {
        BY_FUNCTION.put(op.function(), op);
        if (op.className() != null) {
          BY_CLASS.putIfAbsent(op.module() + "." + op.className(), op);
          BY_CLASS.putIfAbsent(op.className(), op);
        }
      }
    }
  }

  private OpTable() {}

  /** The op of a name below {@code keras.ops.}; unknown ones are refused. */
  public static PublicOp function(String name) {
    PublicOp op = Holder.BY_FUNCTION.get(name);
    if (op == null) {
      throw new UnsupportedFeatureException(
          "keras.ops." + name + ": is not among Weft's operations.");
    }
    return op;
  }

  /** The op of a class in a file, by module and class name or by class name alone, or null. */
  public static PublicOp ofClass(String module, String className) {
    PublicOp op = Holder.BY_CLASS.get(module + "." + className);
    return op != null ? op : Holder.BY_CLASS.get(className);
  }

  /** All ops. */
  public static List<PublicOp> all() {
    return List.copyOf(Holder.BY_FUNCTION.values());
  }
}
