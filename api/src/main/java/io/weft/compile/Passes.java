package io.weft.compile;

import io.weft.tensor.Graph;
import java.util.List;

/** The graph to graph passes. Each keeps the inputs, the outputs and their values. */
public final class Passes {
  private Passes() {}

  /** All passes, in their order. */
  public static Graph simplify(Graph g) {
    return joined(shared(g));
  }

  /**
   * {@link #simplify} in two graphs: one for what depends on some of the inputs alone, or null if
   * that is not worth it, and one for the rest.
   */
  static Hoisting split(Graph g, List<Integer> inputs) {
    Graph s = shared(g);
    Hoisting h = Hoisting.of(s, inputs);
    return h == null
        ? new Hoisting(null, joined(s))
        : new Hoisting(joined(h.before()), joined(h.main()));
  }

  private static Graph shared(Graph g) {
    Graph s = DeadCode.drop(CommonValues.share(g));
    return DeadCode.drop(
        CommonValues.share(Rewrites.apply(Folding.repeated(Folding.constants(s)))));
  }

  /** Steps that follow each other as one op. */
  private static Graph joined(Graph g) {
    return DeadCode.drop(ElementwiseFusion.apply(Epilogues.attach(g)));
  }
}
