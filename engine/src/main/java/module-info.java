/** The default backend: kernels, workspaces and worker team in Java. */
module io.weft.engine {
  requires transitive io.weft.api;

  exports io.weft.engine;

  provides io.weft.backend.BackendProvider with
      io.weft.engine.JavaBackendProvider;
}
