package io.weft.machinecode;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.engine.gemm.GemmKernel;
import io.weft.engine.kernel.ArrayLoops;
import io.weft.engine.kernel.ElementKernel;
import io.weft.engine.kernel.MathKernel;
import io.weft.engine.kernel.RowLoops;
import io.weft.engine.tier.KernelProvider;
import io.weft.engine.tier.KernelTier;
import io.weft.machinecode.gemm.MachineGemmKernel;
import io.weft.machinecode.loops.MachineArrayKernel;
import io.weft.machinecode.loops.MachineElementKernel;
import io.weft.machinecode.loops.MachineMathKernel;
import io.weft.machinecode.loops.MachineRowKernel;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class MachineCodeTest {
  @Test
  void isFoundAndServes() {
    KernelProvider provider = ServiceLoader.load(KernelProvider.class).findFirst().orElseThrow();
    assertThat(provider).isInstanceOf(MachineCode.class);
    provider.start(false);
    assertThat(provider.kernel(GemmKernel.class)).isInstanceOf(MachineGemmKernel.class);
    assertThat(provider.kernel(MathKernel.class)).isInstanceOf(MachineMathKernel.class);
    assertThat(provider.kernel(ElementKernel.class)).isInstanceOf(MachineElementKernel.class);
    provider.prepare();
    assertThat(provider.kernel(ArrayLoops.class)).isInstanceOf(MachineArrayKernel.class);
    assertThat(provider.kernel(RowLoops.class)).isInstanceOf(MachineRowKernel.class);
    assertThat(provider.kernel(Runnable.class)).isNull();
  }

  @Test
  void theEngineTakesIt() {
    assertThat(KernelTier.fastest(GemmKernel.class, "none")).isInstanceOf(MachineGemmKernel.class);
  }
}
