package io.weft.machinecode;

import io.weft.engine.gemm.GemmKernel;
import io.weft.engine.kernel.ArrayLoops;
import io.weft.engine.kernel.DepthwiseKernel;
import io.weft.engine.kernel.MathKernel;
import io.weft.engine.tier.KernelProvider;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.depthwise.MachineDepthwiseKernel;
import io.weft.machinecode.gemm.GemmSelfTest;
import io.weft.machinecode.gemm.MachineGemmKernel;
import io.weft.machinecode.loops.ArraySelfTest;
import io.weft.machinecode.loops.MachineArrayKernel;
import io.weft.machinecode.loops.MachineMathKernel;
import io.weft.machinecode.loops.MathSelfTest;
import io.weft.machinecode.memory.Cpu;

/**
 * Kernels in machine code for x86-64 with AVX2 and FMA, or AVX-512, on Linux.
 *
 * <p>They serve where this module (or, on the class path, the unnamed one) may call native code,
 * and where the system lets a process make memory executable. Each is tried against plain loops
 * before it serves.
 */
public final class MachineCode implements KernelProvider {
  private Isa isa;
  private GemmKernel gemm;
  private MathKernel math;
  private ArrayLoops arrays;
  private DepthwiseKernel depthwise;

  /** Made by {@link java.util.ServiceLoader}. */
  public MachineCode() {}

  @Override
  public void start(boolean forced) {
    String system = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
    if (!system.equals("Linux on amd64")) {
      throw new UnsupportedOperationException("it is written for Linux on amd64, not " + system);
    }
    Module caller = MachineCode.class.getModule();
    if (!forced && !caller.isNativeAccessEnabled()) {
      throw new UnsupportedOperationException(
          "native access is not enabled; allow it with --enable-native-access="
              + (caller.isNamed() ? caller.getName() : "ALL-UNNAMED"));
    }
    try {
      Isa found = Cpu.isa();
      MachineGemmKernel products = new MachineGemmKernel(found);
      GemmSelfTest.run(products);
      MachineMathKernel functions = new MachineMathKernel(found);
      MathSelfTest.run(functions);
      MachineArrayKernel loops = new MachineArrayKernel(found);
      ArraySelfTest.run(loops);
      isa = found;
      depthwise = new MachineDepthwiseKernel(found);
      arrays = loops;
      gemm = products;
      math = functions;
    } catch (IllegalCallerException e) {
      throw refused(e);
    } catch (ExceptionInInitializerError e) {
      throw refused(e.getCause());
    }
  }

  private static UnsupportedOperationException refused(Throwable why) {
    return why instanceof UnsupportedOperationException u
        ? u
        : new UnsupportedOperationException(why.getMessage(), why);
  }

  @Override
  public <T> T kernel(Class<T> type) {
    if (type == GemmKernel.class) {
      return type.cast(gemm);
    }
    if (type == MathKernel.class) {
      return type.cast(math);
    }
    if (type == DepthwiseKernel.class) {
      return type.cast(depthwise);
    }
    return type == ArrayLoops.class ? type.cast(arrays) : null;
  }

  @Override
  public String toString() {
    return "machine code for " + isa;
  }
}
