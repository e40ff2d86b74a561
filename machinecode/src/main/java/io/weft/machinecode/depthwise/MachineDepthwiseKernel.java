package io.weft.machinecode.depthwise;

import io.weft.engine.kernel.DepthwiseKernel;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.memory.CodeMemory;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;

/**
 * Depthwise convolution in machine code. The outputs of a line are cut into blocks; a kernel for
 * each kind of block is assembled and tried when the first line needs it. A network has a few.
 */
public final class MachineDepthwiseKernel implements DepthwiseKernel {
  private static final int MOST_KERNELS = 1024; // code is never unmapped
  private static final long NONE = 0;

  private final Isa isa;
  private final ConcurrentHashMap<Long, Long> addresses = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Edges, Long> toFilter = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Edges, Long> toInput = new ConcurrentHashMap<>();

  /** For these instructions. Nothing is assembled yet. */
  public MachineDepthwiseKernel(Isa isa) {
    this.isa = isa;
  }

  @Override
  public Lines lines(Line line) {
    return new MachineLines(this, line);
  }

  @Override
  public Gradients gradients(Line line) {
    Edges edges = Edges.of(line);
    return edges == null ? null : new MachineGradients(this, line, edges);
  }

  Isa isa() {
    return isa;
  }

  /** Where the code for a block is, or 0 if there is none: then plain loops give the same bits. */
  long address(Block block) {
    return addresses.computeIfAbsent(
        block.key(),
        key ->
            make(
                DepthwiseCode.assemble(isa, block),
                address -> DepthwiseSelfTest.run(isa, block, address)));
  }

  /** The same for one of the gradients, tried on lines like {@code line}. */
  long address(Line line, Edges edges, boolean filter) {
    return (filter ? toFilter : toInput)
        .computeIfAbsent(
            edges,
            key ->
                make(
                    GradientCode.assemble(isa, edges, filter),
                    address -> GradientSelfTest.run(isa, line, edges, filter, address)));
  }

  private long make(byte[] code, LongConsumer test) {
    if (addresses.size() + toFilter.size() + toInput.size() >= MOST_KERNELS) {
      return NONE;
    }
    try {
      long address = CodeMemory.install(List.of(code))[0];
      test.accept(address);
      return address;
    } catch (IllegalStateException | UnsupportedOperationException e) {
      System.getLogger(MachineDepthwiseKernel.class.getName())
          .log(Level.WARNING, "kernels: no machine code for a depthwise convolution", e);
      return NONE;
    }
  }
}
