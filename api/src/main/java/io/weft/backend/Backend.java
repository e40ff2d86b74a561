package io.weft.backend;

import io.weft.tensor.Graph;
import io.weft.tensor.HostArray;
import io.weft.tensor.Op;
import io.weft.tensor.Shape;
import io.weft.tensor.TensorSpec;
import java.util.List;

/**
 * A compute device. All methods may be called from any thread. Runs may be asynchronous: a fault of
 * a run then surfaces as {@link io.weft.error.BackendException} at the next download of its
 * results.
 */
public interface Backend {
  /** A short word such as {@code java} or {@code jocl}. */
  String name();

  /** Whether there is a kernel; where there is none the op is decomposed into plainer ops. */
  boolean supports(Op op, List<TensorSpec> in);

  /** Copies numbers to the device. The array is not kept unless {@code owned}. */
  Storage upload(HostArray array, boolean owned);

  /** Copies numbers back; always a fresh array. */
  HostArray download(Storage storage, Shape shape);

  /** Compiles a graph whose shapes are all known. */
  Executable compile(Graph graph, CompileOptions options);

  /**
   * Runs a compiled graph; inputs in the order of its inputs, results in the order of its outputs.
   */
  List<Storage> run(Executable executable, List<Storage> inputs);

  /**
   * {@link #run(Executable, List)} that may write its last results into blocks that nobody reads
   * any more.
   *
   * @param spare blocks for the last results, as many as are given; null in place of missing ones
   */
  default List<Storage> run(Executable executable, List<Storage> inputs, Storage[] spare) {
    return run(executable, inputs);
  }

  /**
   * Says that work of some size is to come, so that what takes long to get ready may begin beside
   * what the caller does meanwhile. Changes no result.
   */
  default void prepare() {}

  /** Memory, caches and threads in words, for diagnostics. */
  String diagnostics();
}
