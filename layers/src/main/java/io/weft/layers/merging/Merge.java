package io.weft.layers.merging;

import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * An element-wise function of several tensors. Sizes broadcast from the right; tensors of lower
 * rank get axes of size 1 behind the batch. The mask of the result is true where any input's mask
 * is, and there is none if an input has none.
 */
abstract class Merge extends Layer {
  private final int least;
  private final int most;

  Merge(LayerType<?> type, Config config) {
    this(type, config, 1, Integer.MAX_VALUE);
  }

  Merge(LayerType<?> type, Config config, int least, int most) {
    super(type, config);
    this.least = least;
    this.most = most;
    setSupportsMasking(true);
  }

  /**
   * The function of tensors of one rank.
   *
   * @param keep where each input is not masked, with a trailing axis of size 1; null where it has
   *     no mask
   */
  abstract Tensor merge(List<Tensor> inputs, List<Tensor> keep);

  @Override
  protected void build(BuildContext b) {
    checkCount(b.inputs().size());
    checkSizes(b.inputs());
  }

  final void checkCount(int n) {
    if (n < least || n > most) {
      throw new ShapeException(
          label()
              + ": expected "
              + (least == most ? "" + least : "at least " + least)
              + " inputs. Received: "
              + n);
    }
  }

  /** Refuses sizes that do not go together. */
  void checkSizes(List<Shape> shapes) {
    int batch = Shape.UNKNOWN;
    for (Shape s : shapes) {
      int n = s.rank() == 0 ? Shape.UNKNOWN : s.dim(0);
      if (n >= 0 && batch >= 0 && n != batch) {
        throw refuse("equal batch sizes", shapes);
      }
      batch = n >= 0 ? n : batch;
    }
    stated(shapes);
  }

  final ShapeException refuse(String expected, List<Shape> shapes) {
    return new ShapeException(
        label() + ": expected inputs with " + expected + ". Received: shapes " + shapes);
  }

  /** The result's shape behind the batch: unknown where an input's size is. */
  private Shape stated(List<Shape> shapes) {
    int[] out = {};
    for (Shape s : shapes) {
      int[] d = s.rank() == 0 ? new int[0] : s.slice(1, s.rank()).dims();
      int[] longer = out.length >= d.length ? out : d;
      int[] shorter = longer == out ? d : out;
      int[] next = longer.clone();
      for (int i = 1; i <= shorter.length; i++) {
        int a = longer[longer.length - i];
        int b = shorter[shorter.length - i];
        if (a >= 0 && b >= 0 && a != b && a != 1 && b != 1) {
          throw refuse("sizes that broadcast", shapes);
        }
        next[next.length - i] = a < 0 || b < 0 ? Shape.UNKNOWN : a == 1 ? b : a;
      }
      out = next;
    }
    return Shape.of(out);
  }

  @Override
  protected Shape statedShape(List<Shape> inputs, int output, Shape inferred) {
    int batch = Shape.UNKNOWN;
    for (Shape s : inputs) {
      batch = s.rank() > 0 && s.dim(0) >= 0 ? s.dim(0) : batch;
    }
    return Shape.of(batch).plus(stated(inputs).dims());
  }

  /** Unknown sizes become those of another input, aligned from the right. */
  @Override
  protected List<Shape> assumedShapes(List<Shape> inputs) {
    List<Shape> out = new ArrayList<>();
    for (Shape s : inputs) {
      Shape t = s;
      for (Shape o : inputs) {
        if (t.rank() > 0 && t.dim(0) < 0 && o.rank() > 0) {
          t = t.withDim(0, o.dim(0));
        }
      }
      for (int i = 1; i < s.rank(); i++) {
        for (Shape o : inputs) {
          if (t.dim(-i) < 0 && i < o.rank() && o.dim(-i) > 1) {
            t = t.withDim(-i, o.dim(-i));
          }
        }
      }
      out.add(t);
    }
    return out;
  }

  @Override
  public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
    checkCount(inputs.size());
    int rank = inputs.stream().mapToInt(Tensor::rank).max().orElse(0);
    boolean equal = inputs.stream().allMatch(t -> t.rank() == rank);
    List<Tensor> ranked = new ArrayList<>();
    List<Tensor> keep = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      Tensor x = inputs.get(i);
      Tensor mask = equal ? ctx.mask(i) : null;
      keep.add(mask == null ? null : Ops.expandDims(Ops.cast(mask, DType.BOOL), -1));
      for (int r = x.rank(); r < rank; r++) {
        x = Ops.expandDims(x, Math.min(1, x.rank()));
      }
      ranked.add(x);
    }
    return List.of(merge(ranked, keep));
  }

  @Override
  protected List<Tensor> computeMasks(List<Tensor> inputs, List<Tensor> masks) {
    Tensor any = null;
    for (Tensor m : masks) {
      if (m == null) {
        return Collections.singletonList(null);
      }
      any = any == null ? m : Ops.logicalOr(any, m);
    }
    return Collections.singletonList(any);
  }
}
