package io.weft.engine.op;

import io.weft.tensor.Op;
import io.weft.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Which ops have a kernel, and how it is made. */
public final class Kernels {
  /** Makes a kernel for an op on inputs and outputs of given specs. */
  public interface Maker<O extends Op> {
    Kernel make(O op, List<TensorSpec> in, List<TensorSpec> out);
  }

  private final Map<Class<? extends Op>, Maker<?>> makers = new ConcurrentHashMap<>();
  private final Map<String, Boolean> families = new ConcurrentHashMap<>();

  private Kernels() {}

  /** The table of all kernels of this engine. */
  public static Kernels standard() {
    return new Kernels();
  }

  /** Adds the kernels of one kind of op. */
  public <O extends Op> void put(Class<O> type, Maker<? super O> maker) {
    makers.put(type, maker);
  }

  public boolean has(Op op) {
    return maker(op) != null;
  }

  /** A kernel, or null where there is none for this kind of op. */
  public Kernel make(Op op, List<TensorSpec> in, List<TensorSpec> out) {
    return make(maker(op), op, in, out);
  }

  private Maker<?> maker(Op op) {
    Class<?> type = op.getClass();
    Class<?> family = type.getEnclosingClass() == null ? type : type.getEnclosingClass();
    String name = family.getSimpleName();
    if (!families.containsKey(name)) {
      synchronized (families) {
        if (!families.containsKey(name)) {
          families.put(name, load(name));
        }
      }
    }
    return makers.get(type);
  }

  /**
   * Adds the kernels of the ops that are declared in one class. A program uses few of these tables,
   * and linking all of them would be a noticeable part of the time to its first prediction.
   */
  private boolean load(String family) {
    switch (family) {
      case "Elementwise", "FusedElementwise" -> ElementwiseKernels.register(this);
      case "Movement" -> MovementKernels.register(this);
      case "Bitcast" -> BitcastKernels.register(this);
      case "Reduction" -> ReductionKernels.register(this);
      case "Indexing" -> IndexingKernels.register(this);
      case "Linalg", "Fused", "Product" -> LinalgKernels.register(this);
      case "Convolution", "Pooling" -> ConvolutionKernels.register(this);
      case "Factorization", "Spectrum" -> MatrixKernels.register(this);
      case "Ctc" -> CtcOps.register(this);
      case "GammaInc" -> GammaIncKernel.register(this);
      case "AdamStep" -> AdamKernels.register(this);
      case "RandomOps" -> RandomKernels.register(this);
      case "Attention", "FusedGradient", "LayerNorm", "RmsNorm", "Recurrent" ->
          FusedKernels.register(this);
      default -> {
        return false; // an op that is computed by way of others
      }
    }
    return true;
  }

  @SuppressWarnings("unchecked") // put() binds the type of the op to its maker
  private static <O extends Op> Kernel make(
      Maker<O> maker, Op op, List<TensorSpec> in, List<TensorSpec> out) {
    return maker == null ? null : maker.make((O) op, in, out);
  }
}
