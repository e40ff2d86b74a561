package io.weft.conformance;

import io.weft.config.Config;
import io.weft.layer.Adaptable;
import io.weft.layer.Layer;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Preprocessing layers: cases of layers that may first adapt to data. */
final class PreprocessingReplay {
  private PreprocessingReplay() {}

  static void replay(CaseFile c, Comparison compare) {
    Config envelope = (Config) c.get("object");
    Layer layer = (Layer) Replay.restore(envelope.without("build_config"));
    if (c.has("adapt")) {
      adapt(c, compare, layer);
    }
    LayerReplay.run(c, compare, layer);
    if (!c.has("adapt") && !c.has("error")) {
      LayerReplay.roundTrip(compare, layer, envelope);
    }
  }

  private static void adapt(CaseFile c, Comparison compare, Layer layer) {
    if (!(layer instanceof Adaptable a)) {
      throw new Skip(layer.type().className() + " does not adapt in this version");
    }
    a.adapt(List.of((Tensor) c.value("adapt")));
    if (c.get("adapted") instanceof Config adapted && adapted.has("weights")) {
      List<Object> want = new ArrayList<>();
      for (Object w : Comparison.list(adapted.get("weights"))) {
        want.add(c.decode(Config.of("array", ((Config) w).get("array"))));
      }
      compare.outputs("adapted.weights", TrainingParts.values(layer.weights()), want);
    }
  }
}
