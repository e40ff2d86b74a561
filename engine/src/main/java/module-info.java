/** The default backend: kernels, workspaces and worker team in Java. */
module io.weft.engine {
  requires transitive io.weft.api;
}
