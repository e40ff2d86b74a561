package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.layer.CallArgs;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * An extreme temporal fusion transformer with variable selection, and a gated residual network
 * behind each attention and the decoders; as fusionlab's model of this name. With s, E and L of
 * {@link ExtremeModel} made of the selected variables d (dynamic) and f (future):
 *
 * <pre>
 *   h = GRN(Hierarchical(d, f));  c = GRN(Cross(d, E));  m = GRN(Memory(h))
 *   fused = [s; Fusion([L; h; c; m])]                with fusion_mode="disjoint" [s; Fusion(m)]
 *   decoded: z = LN(x + σ(x·W_g + b_g)),  GRN(z)            gate and LN are those of the GRN
 * </pre>
 *
 * <p>{@code architecture_config} says which attentions there are, and by {@code
 * feature_processing="dense"} puts projections in the place of the selection. In disjoint mode the
 * order is cross, hierarchical, memory, each in the place of the one before; a memory without
 * hierarchical attention hears what came before it in either mode. Where the future is shorter than
 * the past, see {@link XTFT}. In the releases 0.1 to 0.3 ({@code layout})
 *
 * <pre>
 *   fused = Fusion([s; L; c; h; m])
 * </pre>
 *
 * <p>where the originals lose the memory ({@code m = GRN(h)}) and leave out the network of s; so
 * does {@code defects=true}, which files of these releases are read with.
 *
 * <p>The decoders of the originals are {@code output_dim} wide, and LN is over that width: of one
 * value it leaves nothing, so that a forecast of one value does not depend on the inputs. {@code
 * decoder_units} is the width of decoders and their network; the {@link #builder} sets it to {@code
 * attention_units}, and a config without it is of the originals.
 *
 * <p>Inputs and output: see {@link ForecastingModel}; arguments, anomalies: {@link ExtremeModel}.
 */
public final class SuperXTFT extends ExtremeModel {
  public static final LayerType<SuperXTFT> TYPE =
      LayerType.custom("fusionlab.nn.hybrid", "SuperXTFT", SuperXTFT::new)
          .takesList()
          .args("training");

  /** The row under which the releases 0.1 to 0.3 write files. */
  static final LayerType<SuperXTFT> LEGACY =
      LayerType.custom("fusionlab.nn.transformers", "SuperXTFT", SuperXTFT::legacy)
          .takesList()
          .args("training");

  private static final List<String> SELECTIONS =
      List.of(
          "variable_selection_static", "variable_selection_dynamic", "variable_future_covariate");
  private static final List<String> PROJECTIONS =
      List.of("dense_static", "dense_dynamic", "dense_future_covariate");

  /** Restores a model from its config. */
  public SuperXTFT(Config config) {
    super(TYPE, config, true);
    List<String> all = new ArrayList<>();
    if (isLegacy()) {
      all.addAll(XTFT.legacyParts(!hasDefects()));
      all.addAll(SELECTIONS);
    } else {
      all.addAll(List.of("quantile_distribution_modeling", "dynamic_time_window", "multi_decoder"));
      all.addAll(architecture().features().equals("vsn") ? SELECTIONS : PROJECTIONS);
      all.addAll(XTFT.encoderParts(architecture()));
    }
    for (String attention : List.of("hierarchical", "cross", "memory")) {
      if (architecture().attentions().contains(attention)) {
        all.add(attention.equals("memory") ? "grn_memory_attention" : "grn_attention_" + attention);
      }
    }
    all.add("grn_decoder");
    if (!isLegacy()) {
      all.addAll(List.of("anomaly_attention", "anomaly_projection", "anomaly_scorer"));
    }
    make(all);
  }

  private static SuperXTFT legacy(Config config) {
    return new SuperXTFT(
        config.has("layout")
            ? config
            : config.with("layout", Release.V03.text()).with("defects", true));
  }

  @Override
  Tensor fused(Tensor fixed, Tensor past, Tensor future) {
    List<String> names = has(SELECTIONS.get(0)) ? SELECTIONS : PROJECTIONS;
    Tensor d = at(names.get(1)).apply(past);
    Tensor f = aligned(d, at(names.get(2)).apply(future));
    Tensor s = staticFeatures(at(names.get(0)).apply(fixed));
    s = Parts.overTime(s, past.dim(1));
    Tensor embeddings = embeddings(d, f);
    Tensor recurrent = recurrent(d);
    Layer fusion = at("multi_resolution_attention_fusion");
    int known = future.dim(1);
    if (isLegacy()) {
      Tensor h = hierarchical(d, f, known);
      Tensor c = cross(d, embeddings, known);
      Tensor m = hasDefects() ? lostMemory(h) : memory(h, known);
      return fusion.apply(Parts.join(s, recurrent, c, h, m));
    }
    Tensor context =
        isIntegrated()
            ? integrated(recurrent, d, f, embeddings, known)
            : disjoint(recurrent, d, f, embeddings, known);
    return Parts.join(s, fusion.apply(context));
  }

  private Tensor integrated(Tensor recurrent, Tensor d, Tensor f, Tensor embeddings, int known) {
    List<Tensor> all = new ArrayList<>(List.of(recurrent));
    Tensor before = null;
    if (has("hierarchical_attention")) {
      before = hierarchical(d, f, known);
      all.add(before);
    }
    if (has("cross_attention")) {
      Tensor c = cross(d, embeddings, known);
      before = before == null ? c : before;
      all.add(c);
    }
    if (has("memory_augmented_attention")) {
      all.add(memory(before == null ? recurrent : before, known));
    }
    return Ops.concatenate(all, -1);
  }

  private Tensor disjoint(Tensor recurrent, Tensor d, Tensor f, Tensor embeddings, int known) {
    Tensor c = recurrent;
    if (has("cross_attention")) {
      c = cross(d, embeddings, known);
    }
    if (has("hierarchical_attention")) {
      c = hierarchical(d, f, known);
    }
    return has("memory_augmented_attention") ? memory(c, known) : c;
  }

  private Tensor cross(Tensor d, Tensor embeddings, int known) {
    Tensor c = attend("cross_attention", List.of(d, embeddings), known);
    return at("grn_attention_cross").apply(c);
  }

  private Tensor hierarchical(Tensor d, Tensor f, int known) {
    int steps = d.dim(1);
    CallArgs mask = CallArgs.NONE;
    if (known < steps && !hasDefects()) {
      Tensor real = Ops.reshape(Ops.less(Ops.arange(steps), known), 1, steps);
      mask = CallArgs.of("long_mask", Ops.broadcastTo(real, Shape.of(d.dim(0), steps)));
    }
    Tensor h = at("hierarchical_attention").apply(List.of(d, f), mask);
    return at("grn_attention_hierarchical").apply(h);
  }

  private Tensor memory(Tensor x, int known) {
    int n = hasDefects() ? known : x.dim(1); // steps are no keys of a memory
    return at("grn_memory_attention").apply(attend("memory_augmented_attention", List.of(x), n));
  }

  /** What the original computes in place of a memory, which it asks and does not hear. */
  private Tensor lostMemory(Tensor h) {
    at("memory_augmented_attention").apply(h);
    return at("grn_memory_attention").apply(h);
  }

  @Override
  Tensor refined(Tensor decoded) {
    GatedResidualNetwork network = (GatedResidualNetwork) at("grn_decoder");
    return network.apply(network.normalize(decoded.plus(network.gate(decoded))));
  }

  public static Builder builder(int staticInputDim, int dynamicInputDim, int futureInputDim) {
    return new Builder(staticInputDim, dynamicInputDim, futureInputDim);
  }

  /** Optional settings of {@link SuperXTFT}. */
  public static final class Builder extends ExtremeBuilder<SuperXTFT, Builder> {
    private Builder(int staticInputDim, int dynamicInputDim, int futureInputDim) {
      super(staticInputDim, dynamicInputDim, futureInputDim);
    }

    /** Width of the decoders; default {@code attention_units}. */
    public Builder decoderUnits(int units) {
      return set("decoder_units", units);
    }

    /** {@code integrated} (the default): all attentions are fused; or {@code disjoint}. */
    public Builder fusionMode(String mode) {
      return set("fusion_mode", mode);
    }

    @Override
    public SuperXTFT build() {
      Config c = config();
      Object width = c.has("attention_units") ? c.get("attention_units") : (Object) 32;
      return Layer.fromConfig(TYPE, c.has("decoder_units") ? c : c.with("decoder_units", width));
    }
  }
}
