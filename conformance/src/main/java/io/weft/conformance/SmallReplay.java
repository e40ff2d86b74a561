package io.weft.conformance;

import io.weft.autodiff.GradientTape;
import io.weft.config.Config;
import io.weft.config.Configurable;
import io.weft.layer.Constraint;
import io.weft.layer.Initializer;
import io.weft.layer.Regularizer;
import io.weft.random.Seeds;
import io.weft.tensor.DType;
import io.weft.tensor.Tensor;
import java.util.List;

/** Initializers, regularizers and constraints. */
final class SmallReplay {
  private SmallReplay() {}

  private static Configurable restored(CaseFile c, Comparison compare) {
    Config envelope = (Config) c.get("object");
    Configurable o = Replay.restore(envelope);
    if (!c.has("error")) {
      LayerReplay.roundTrip(compare, o, envelope);
    }
    return o;
  }

  static void initializer(CaseFile c, Comparison compare) {
    Seeds.set(1234);
    Initializer i = (Initializer) restored(c, compare);
    Tensor t =
        i.create(
            CaseFile.shape(Comparison.list(c.get("shape"))), DType.of((String) c.get("dtype")));
    if (c.flag("random")) {
      RandomProperties.initializer(c, compare, t);
    } else {
      compare.outputs("outputs", t, c.value("outputs"));
    }
  }

  static void regularizer(CaseFile c, Comparison compare) {
    Regularizer r = (Regularizer) restored(c, compare);
    Tensor x = (Tensor) Comparison.list(c.value("inputs")).get(0);
    try (GradientTape tape = GradientTape.open()) {
      Tensor y = r.apply(x);
      compare.outputs("outputs", y, c.value("outputs"));
      if (c.has("grads")) {
        List<Tensor> g = tape.gradients(List.of(y), null, List.of(x));
        Object want = Comparison.list(Comparison.map(c.value("grads")).get("inputs")).get(0);
        LayerReplay.gradient(compare, "grads", g.get(0), want);
      }
    }
  }

  static void constraint(CaseFile c, Comparison compare) {
    Constraint k = (Constraint) restored(c, compare);
    Tensor x = (Tensor) Comparison.list(c.value("inputs")).get(0);
    compare.outputs("outputs", k.apply(x), c.value("outputs"));
  }
}
