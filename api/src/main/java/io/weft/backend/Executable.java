package io.weft.backend;

import io.weft.tensor.Graph;

/** A graph compiled by one backend; immutable, run by any number of threads at once. */
public interface Executable {
  /** The graph as it runs, after the backend's own passes. */
  Graph graph();
}
