package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.losses.Loss;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.training.Compile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Weighted losses of named outputs, added up ({@code sum}) or averaged ({@code mean}); as
 * fusionlab's loss of this name. {@link #score} takes targets and predictions by name; {@link #on}
 * gives the same to {@code compile}, which knows the outputs of a model by name.
 */
public final class CombinedHeadLoss extends FusionLoss {
  public static final Entry<Loss> TYPE =
      new Entry<>(
          Loss.class,
          FusionlabTypes.COMPONENTS,
          "CombinedHeadLoss",
          FusionlabTypes.COMPONENTS + ">CombinedHeadLoss",
          CombinedHeadLoss::new);

  private static final String HEADS = "heads_losses";

  private final Map<String, Loss> losses = new LinkedHashMap<>();
  private final Map<String, Double> weights = new LinkedHashMap<>();
  private final boolean mean;

  /**
   * The sum of losses, weighted by 1.
   *
   * @param heads a loss for each output name, at least one
   */
  public CombinedHeadLoss(Map<String, Loss> heads) {
    this(Config.of(HEADS, new LinkedHashMap<>(heads)));
  }

  /**
   * Restores a loss from its config: {@code heads_losses} maps an output name to a loss or to
   * {@code [loss, weight]}.
   */
  public CombinedHeadLoss(Config config) {
    super(TYPE, config, "CombinedHeadLoss", false);
    if (!(args.required(HEADS) instanceof Config heads) || heads.isEmpty()) {
      throw args.refuse(HEADS, "a map from output names to losses, with one entry or more");
    }
    Map<String, Object> noted = new LinkedHashMap<>();
    heads.asMap().forEach((name, v) -> noted.put(name, read(name, v)));
    args.note(HEADS, noted);
    mean = args.oneOf("reduction_mode", "sum", "sum", "mean").equals("mean");
  }

  private Object read(String name, Object v) {
    List<?> pair = v instanceof List<?> l ? l : v == null ? List.of() : List.of(v);
    boolean weighted = pair.size() == 2 && pair.get(1) instanceof Number;
    if (pair.size() != 1 && !weighted) {
      throw args.refuse(HEADS, "a map from output names to a loss or [loss, weight]");
    }
    Loss loss = args.asObject(HEADS, pair.get(0), Loss.class);
    double weight = weighted ? ((Number) pair.get(1)).doubleValue() : 1.0;
    losses.put(name, loss);
    weights.put(name, weight);
    return List.of(loss, weight);
  }

  /**
   * The losses of all heads together.
   *
   * @throws ConfigException for a name that one of the maps does not have
   */
  public Tensor score(Map<String, Tensor> yTrue, Map<String, Tensor> yPred) {
    List<Tensor> terms = new ArrayList<>();
    losses.forEach(
        (name, loss) -> {
          Tensor y = yTrue.get(name);
          Tensor p = yPred.get(name);
          if (y == null || p == null) {
            throw new ConfigException(
                "CombinedHeadLoss: expected a target and a prediction of '"
                    + name
                    + "'. Received: "
                    + yTrue.keySet()
                    + " and "
                    + yPred.keySet());
          }
          terms.add(loss.apply(y, p, null).times(weights.get(name)));
        });
    Tensor total = terms.get(0);
    for (Tensor t : terms.subList(1, terms.size())) {
      total = total.plus(t);
    }
    return mean ? total.divide((double) terms.size()) : total;
  }

  /** A compilation with these losses and weights for a model whose outputs have these names. */
  public Compile on(Compile compile) {
    Map<String, Object> scaled = new LinkedHashMap<>();
    weights.forEach((name, w) -> scaled.put(name, mean ? w / weights.size() : w));
    return compile.loss(new LinkedHashMap<>(losses)).lossWeights(scaled);
  }

  @Override
  protected Tensor values(Tensor yTrue, Tensor yPred) {
    if (losses.size() != 1) {
      throw new ShapeException(
          "CombinedHeadLoss: expected named outputs "
              + losses.keySet()
              + ". Received: one tensor. Use score, or on(Compile) for a model.");
    }
    String name = losses.keySet().iterator().next();
    return Ops.multiply(losses.get(name).apply(yTrue, yPred, null), weights.get(name));
  }
}
