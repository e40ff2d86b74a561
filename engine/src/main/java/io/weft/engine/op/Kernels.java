package io.weft.engine.op;

import io.weft.tensor.Op;
import io.weft.tensor.TensorSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which ops have a kernel, and how it is made. */
public final class Kernels {
  /** Makes a kernel for an op on inputs and outputs of given specs. */
  public interface Maker<O extends Op> {
    Kernel make(O op, List<TensorSpec> in, List<TensorSpec> out);
  }

  private final Map<Class<? extends Op>, Maker<?>> makers = new HashMap<>();

  private Kernels() {}

  /** The table of all kernels of this engine. */
  public static Kernels standard() {
    Kernels k = new Kernels();
    ElementwiseKernels.register(k);
    MovementKernels.register(k);
    BitcastKernels.register(k);
    ReductionKernels.register(k);
    IndexingKernels.register(k);
    LinalgKernels.register(k);
    ConvolutionKernels.register(k);
    MatrixKernels.register(k);
    CtcOps.register(k);
    GammaIncKernel.register(k);
    RandomKernels.register(k);
    FusedKernels.register(k);
    return k;
  }

  /** Adds the kernels of one kind of op. */
  public <O extends Op> void put(Class<O> type, Maker<? super O> maker) {
    makers.put(type, maker);
  }

  public boolean has(Op op) {
    return makers.containsKey(op.getClass());
  }

  /** A kernel, or null where there is none for this kind of op. */
  public Kernel make(Op op, List<TensorSpec> in, List<TensorSpec> out) {
    return make(makers.get(op.getClass()), op, in, out);
  }

  @SuppressWarnings("unchecked") // put() binds the type of the op to its maker
  private static <O extends Op> Kernel make(
      Maker<O> maker, Op op, List<TensorSpec> in, List<TensorSpec> out) {
    return maker == null ? null : maker.make((O) op, in, out);
  }
}
