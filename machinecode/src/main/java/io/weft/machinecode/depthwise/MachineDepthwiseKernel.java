package io.weft.machinecode.depthwise;

import io.weft.engine.kernel.DepthwiseKernel;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.memory.CodeMemory;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Depthwise convolution in machine code. The outputs of a line are cut into blocks; a kernel for
 * each kind of block is assembled and tried when the first line needs it. A network has a few.
 */
public final class MachineDepthwiseKernel implements DepthwiseKernel {
  private static final Logger LOG = System.getLogger(MachineDepthwiseKernel.class.getName());
  private static final int MOST_KERNELS = 1024; // code is never unmapped
  private static final long NONE = 0;

  private final Isa isa;
  private final ConcurrentHashMap<Long, Long> addresses = new ConcurrentHashMap<>();

  /** For these instructions. Nothing is assembled yet. */
  public MachineDepthwiseKernel(Isa isa) {
    this.isa = isa;
  }

  @Override
  public Lines lines(Line line) {
    return new MachineLines(this, line);
  }

  Isa isa() {
    return isa;
  }

  /** Where the code for a block is, or 0 if there is none: then plain loops give the same bits. */
  long address(Block block) {
    return addresses.computeIfAbsent(block.key(), key -> make(block));
  }

  private long make(Block block) {
    if (addresses.size() >= MOST_KERNELS) {
      return NONE;
    }
    try {
      long address = CodeMemory.install(List.of(DepthwiseCode.assemble(isa, block)))[0];
      DepthwiseSelfTest.run(isa, block, address);
      return address;
    } catch (IllegalStateException | UnsupportedOperationException e) {
      LOG.log(Level.WARNING, "kernels: no machine code for a depthwise convolution", e);
      return NONE;
    }
  }
}
