package io.weft.systems.fusionlab;

import io.weft.config.Args;
import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.losses.Reduction;
import io.weft.metrics.Mean;
import io.weft.metrics.Metric;
import io.weft.tensor.Index;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * fusionlab's metrics of quantile forecasts, means over all elements:
 *
 * <ul>
 *   <li>{@code MAEQ50}, {@code MSEQ50}: the error of the middle quantile;
 *   <li>{@code Coverage80}, {@code CentralCoverage}: the share of targets between the lowest and
 *       the highest quantile;
 *   <li>{@code Sharpness80}, {@code IntervalSharpness}: how far apart these are;
 *   <li>{@code QuantileCrossing}: the share of neighbouring quantiles in the wrong order (this
 *       library's name for what the original has as a diagnostic).
 * </ul>
 *
 * <p>Targets: {@code (batch, horizon[, outputs])}. Predictions: {@code n_q} quantiles in ascending
 * order on axis {@code q_axis}, such as {@code (batch, horizon, quantiles, outputs)}; or, also for
 * {@code CentralCoverage} and {@code IntervalSharpness}, which read nothing else, {@code (…, 2)} of
 * lower and upper bound, whose middle is the midpoint. Anything else is a point forecast for the
 * errors, and refused by the others.
 */
public final class QuantileMetric extends Mean {
  private static final List<Entry<Metric>> ENTRIES = new ArrayList<>();

  private final Figure function;
  private final Integer axis;
  private final int quantiles;

  /** The figures of targets and what was read from the predictions. */
  private interface Figure {
    Tensor apply(Tensor y, Reader p);
  }

  private QuantileMetric(
      Entry<?> type, Config config, String name, boolean hasAxis, Figure function) {
    super(type, config, name, true);
    this.function = function;
    this.axis = hasAxis ? (Integer) axis(args) : null;
    this.quantiles = hasAxis ? args.positiveInt("n_q", 3) : 0;
  }

  private static int axis(Args args) {
    int axis = args.integer("q_axis", 2);
    if (axis < -4 || axis > 3) {
      throw args.refuse("q_axis", "an axis of predictions");
    }
    return axis;
  }

  static {
    add("MAEQ50", "mae_q50", true, (y, p) -> Ops.abs(y.minus(p.middle())));
    add("MSEQ50", "mse_q50", true, (y, p) -> Ops.square(y.minus(p.middle())));
    add("Coverage80", "coverage80", true, QuantileMetric::covered);
    add("Sharpness80", "sharpness80", true, (y, p) -> Ops.abs(p.high().minus(p.low())));
    add("CentralCoverage", "coverage", false, QuantileMetric::covered);
    add("IntervalSharpness", "sharpness", false, (y, p) -> Ops.abs(p.high().minus(p.low())));
    add("QuantileCrossing", "quantile_crossing", true, (y, p) -> p.crossed());
  }

  private static Tensor covered(Tensor y, Reader p) {
    Tensor inside = Ops.logicalAnd(Ops.greaterEqual(y, p.low()), Ops.lessEqual(y, p.high()));
    return Ops.cast(inside, y.dtype());
  }

  private static void add(String className, String name, boolean hasAxis, Figure function) {
    List<Entry<Metric>> self = new ArrayList<>();
    Entry<Metric> e =
        new Entry<>(
            Metric.class,
            FusionlabTypes.METRICS,
            className,
            FusionlabTypes.METRICS + ">" + className,
            c -> new QuantileMetric(self.get(0), c, name, hasAxis, function));
    self.add(e);
    ENTRIES.add(e);
  }

  /** All rows. */
  public static List<Entry<Metric>> entries() {
    return List.copyOf(ENTRIES);
  }

  /**
   * The metric of a class name of fusionlab, with options from keys and values.
   *
   * @throws ConfigException for a name that is none, and for a bad option
   */
  public static Metric of(String className, Object... options) {
    for (Entry<Metric> e : ENTRIES) {
      if (e.className().equals(className)) {
        Metric m = e.create(Config.of(options));
        m.afterRestore(null);
        return m;
      }
    }
    throw new ConfigException(
        "metric: expected one of "
            + ENTRIES.stream().map(Entry::className).toList()
            + ". Received: '"
            + className
            + "'");
  }

  @Override
  public void update(Tensor yTrue, Tensor yPred, Tensor sampleWeight) {
    Tensor y = Ops.cast(yTrue, dtype());
    Tensor values = function.apply(y, new Reader(y, Ops.cast(yPred, dtype())));
    Tensor w = Reduction.maskedWeights(sampleWeight, yPred.mask(), false, values);
    addValues(values, w);
  }

  @Override
  public Boolean rises() {
    String name = type().className();
    return name.endsWith("Coverage") || name.equals("Coverage80");
  }

  /** Reads point forecasts and bounds from predictions, in the shape of the targets. */
  private final class Reader {
    private final Tensor y;
    private final Tensor p;
    private final int at;

    Reader(Tensor y, Tensor p) {
      this.y = y;
      this.p = p;
      this.at = quantileAxis();
    }

    /** The axis of the quantiles, −1 if there is none. */
    private int quantileAxis() {
      if (axis == null || p.rank() < 3) {
        return -1;
      }
      int i = axis < 0 ? axis + p.rank() : axis;
      return i >= 0 && i < p.rank() && p.dim(i) == quantiles ? i : -1;
    }

    private boolean isPair() {
      return p.rank() > 0 && p.dim(-1) == 2;
    }

    private Tensor pick(int axisOfParts, int i) {
      Index[] index = new Index[axisOfParts + 1];
      Arrays.fill(index, Index.all());
      index[axisOfParts] = Index.at(i);
      return like(p.get(index));
    }

    /**
     * A rank that lacks the last axis of size 1, or has it too many, is brought to the targets'.
     */
    private Tensor like(Tensor t) {
      Tensor x = t;
      if (x.rank() == y.rank() - 1) {
        x = Ops.expandDims(x, -1);
      } else if (x.rank() == y.rank() + 1 && x.dim(-1) == 1) {
        x = Ops.squeeze(x, -1);
      }
      if (!x.shape().equals(y.shape())) {
        throw new ShapeException(
            type().className()
                + ": expected predictions for targets "
                + y.shape()
                + ". Received: shape "
                + p.shape());
      }
      return x;
    }

    Tensor middle() {
      if (at >= 0) {
        return pick(at, (quantiles - 1) / 2);
      }
      if (isPair() && !p.shape().equals(y.shape())) {
        return pick(p.rank() - 1, 0).plus(pick(p.rank() - 1, 1)).times(0.5);
      }
      return like(p);
    }

    Tensor low() {
      return bound(0);
    }

    Tensor high() {
      return bound(at >= 0 ? quantiles - 1 : 1);
    }

    private Tensor bound(int i) {
      if (at < 0 && !isPair()) {
        throw new ShapeException(
            type().className()
                + ": expected "
                + (axis == null ? "" : quantiles + " quantiles on axis " + axis + ", or ")
                + "bounds (…, 2). Received: shape "
                + p.shape());
      }
      return pick(at >= 0 ? at : p.rank() - 1, i);
    }

    Tensor crossed() {
      if (at < 0 || quantiles < 2) {
        throw new ShapeException(
            type().className()
                + ": expected two or more quantiles on axis "
                + axis
                + ". Received: shape "
                + p.shape());
      }
      Shape s = p.shape().withDim(at, quantiles - 1);
      int[] start = new int[p.rank()];
      Tensor lower = Ops.slice(p, start, s.dims());
      start[at] = 1;
      return Ops.cast(Ops.greater(lower, Ops.slice(p, start, s.dims())), p.dtype());
    }
  }
}
