/** The default backend: kernels, workspaces and worker team in Java. */
@SuppressWarnings("module") // io.weft.machinecode is built later, and on newer JDKs only
module io.weft.engine {
  requires transitive io.weft.api;

  exports io.weft.engine;
  exports io.weft.engine.gemm to
      io.weft.machinecode;
  exports io.weft.engine.kernel to
      io.weft.machinecode;
  exports io.weft.engine.thread to
      io.weft.machinecode;
  exports io.weft.engine.tier to
      io.weft.machinecode;

  uses io.weft.engine.tier.KernelProvider;

  provides io.weft.backend.BackendProvider with
      io.weft.engine.JavaBackendProvider;
}
