/** Kernels that are assembled at run time and called through {@code java.lang.foreign}. */
module io.weft.machinecode {
  requires io.weft.engine;

  provides io.weft.engine.tier.KernelProvider with
      io.weft.machinecode.MachineCode;
}
