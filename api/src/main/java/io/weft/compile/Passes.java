package io.weft.compile;

import io.weft.tensor.Graph;

/** The graph to graph passes. Each keeps the inputs, the outputs and their values. */
public final class Passes {
  private Passes() {}

  /** All passes, in their order. */
  public static Graph simplify(Graph g) {
    Graph s = DeadCode.drop(CommonValues.share(g));
    s = DeadCode.drop(CommonValues.share(Rewrites.apply(Folding.repeated(Folding.constants(s)))));
    return DeadCode.drop(ElementwiseFusion.apply(Epilogues.attach(s)));
  }
}
