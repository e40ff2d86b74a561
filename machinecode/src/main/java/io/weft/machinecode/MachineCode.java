package io.weft.machinecode;

import io.weft.engine.gemm.GemmKernel;
import io.weft.engine.kernel.ArrayLoops;
import io.weft.engine.kernel.DepthwiseKernel;
import io.weft.engine.kernel.ElementKernel;
import io.weft.engine.kernel.MathKernel;
import io.weft.engine.kernel.RowLoops;
import io.weft.engine.kernel.WinogradKernel;
import io.weft.engine.tier.KernelProvider;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.depthwise.MachineDepthwiseKernel;
import io.weft.machinecode.gemm.GemmSelfTest;
import io.weft.machinecode.gemm.MachineGemmKernel;
import io.weft.machinecode.loops.ArraySelfTest;
import io.weft.machinecode.loops.ElementSelfTest;
import io.weft.machinecode.loops.MachineArrayKernel;
import io.weft.machinecode.loops.MachineElementKernel;
import io.weft.machinecode.loops.MachineMathKernel;
import io.weft.machinecode.loops.MachineRowKernel;
import io.weft.machinecode.loops.MathSelfTest;
import io.weft.machinecode.loops.RowSelfTest;
import io.weft.machinecode.memory.Cpu;
import io.weft.machinecode.winograd.MachineWinogradKernel;
import java.util.List;

/**
 * Kernels in machine code for x86-64 with AVX2 and FMA, or AVX-512, on Linux.
 *
 * <p>They serve where this module (or, on the class path, the unnamed one) may call native code,
 * and where the system lets a process make memory executable. Each is tried against plain loops
 * before it serves.
 */
public final class MachineCode implements KernelProvider {
  private static final List<Class<?>> TYPES =
      List.of(
          GemmKernel.class,
          DepthwiseKernel.class,
          WinogradKernel.class,
          MathKernel.class,
          ArrayLoops.class,
          ElementKernel.class,
          RowLoops.class);

  private final Part[] parts = new Part[TYPES.size()];
  private Isa isa;

  /** One kernel, made when it is first asked for; whoever asks meanwhile waits. */
  private final class Part {
    private final Class<?> type;
    private boolean tried;
    private Object kernel;

    Part(Class<?> type) {
      this.type = type;
    }

    synchronized Object get() {
      if (!tried) {
        tried = true;
        kernel = make(type);
      }
      return kernel;
    }
  }

  /** Made by {@link java.util.ServiceLoader}. */
  public MachineCode() {
    for (int i = 0; i < parts.length; i++) {
      parts[i] = new Part(TYPES.get(i));
    }
  }

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
      isa = Cpu.isa();
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

  private Object make(Class<?> type) {
    if (type == GemmKernel.class) {
      MachineGemmKernel k = new MachineGemmKernel(isa);
      GemmSelfTest.run(k);
      return k;
    }
    if (type == DepthwiseKernel.class) {
      return new MachineDepthwiseKernel(isa);
    }
    if (type == WinogradKernel.class) {
      return new MachineWinogradKernel(isa, (MachineGemmKernel) kernel(GemmKernel.class));
    }
    if (type == MathKernel.class) {
      MachineMathKernel k = new MachineMathKernel(isa);
      MathSelfTest.run(k);
      return k;
    }
    if (type == ArrayLoops.class) {
      MachineArrayKernel k = new MachineArrayKernel(isa);
      ArraySelfTest.run(k);
      return k;
    }
    if (type == RowLoops.class) {
      MachineRowKernel k = new MachineRowKernel(isa);
      RowSelfTest.run(k);
      return k;
    }
    MachineElementKernel k = new MachineElementKernel(isa);
    ElementSelfTest.run(k);
    return k;
  }

  @Override
  public <T> T kernel(Class<T> type) {
    int i = TYPES.indexOf(type);
    return i < 0 ? null : type.cast(parts[i].get());
  }

  @Override
  public void prepare() {
    kernel(GemmKernel.class);
  }

  @Override
  public String toString() {
    return "machine code for " + isa;
  }
}
