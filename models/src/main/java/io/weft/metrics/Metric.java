package io.weft.metrics;

import io.weft.config.Args;
import io.weft.config.Config;
import io.weft.config.Configurable;
import io.weft.config.Entry;
import io.weft.config.Names;
import io.weft.config.Restorable;
import io.weft.layer.DTypePolicy;
import io.weft.layer.Measure;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A running figure over batches: state in variables, updated in captures as well as eagerly. */
public abstract class Metric implements Measure, Configurable, Restorable {
  /** The reader of this metric's config. */
  protected final Args args;

  private final Entry<?> type;
  private final DType dtype;
  private final List<Variable> variables = new ArrayList<>();
  private String name;

  /** Reads {@code name} and {@code dtype}. */
  protected Metric(Entry<?> type, Config config, String defaultName) {
    this(type, config, defaultName, "float32");
  }

  /** Reads {@code name} and {@code dtype} with a default of its own. */
  protected Metric(Entry<?> type, Config config, String defaultName, String defaultType) {
    this.type = type;
    this.args = new Args(type.className(), config);
    String given = args.stringOrNull("name", null);
    this.name =
        given != null ? given : defaultName != null ? defaultName : Names.snake(type.className());
    args.note("name", name);
    Object d = args.any("dtype", defaultType);
    DTypePolicy policy = DTypePolicy.of(d == null ? defaultType : "int".equals(d) ? "int64" : d);
    this.dtype = policy.compute();
    args.note("dtype", policy.name());
  }

  /**
   * Takes a batch in; {@code sampleWeight} may be null. The mask attached to the predictions
   * counts.
   */
  public abstract void update(Tensor yTrue, Tensor yPred, Tensor sampleWeight);

  @Override
  public abstract Tensor result();

  /** True if more is better, false if less is, null if neither can be said. */
  public Boolean rises() {
    return null;
  }

  /** Makes state that starts, and starts again, at zeros. */
  protected final Variable state(String stateName, Shape shape) {
    Variable v =
        new Variable(
            stateName, new TensorSpec(shape, dtype), false, true, () -> Ops.zeros(shape, dtype));
    v.setPath(name + "/" + stateName);
    variables.add(v);
    return v;
  }

  @Override
  public void reset() {
    variables.forEach(v -> v.assign(Ops.zeros(v.shape(), v.dtype())));
  }

  /** State in the order of Keras. */
  @Override
  public final List<Variable> variables() {
    return Collections.unmodifiableList(variables);
  }

  /** The row of this metric's class. */
  public final Entry<?> type() {
    return type;
  }

  @Override
  public final String name() {
    return name;
  }

  /** The name under which compile lists the metric. */
  public final void setName(String newName) {
    name = newName;
  }

  public final DType dtype() {
    return dtype;
  }

  protected final void add(Variable v, Tensor amount) {
    v.assign(v.raw().plus(Ops.cast(amount, v.dtype())));
  }

  @Override
  public Config getConfig() {
    return args.noted();
  }

  /** The config with some keys first, for classes whose config Keras writes in another order. */
  protected final Config inOrder(String... keys) {
    Config noted = args.noted();
    Map<String, Object> m = new LinkedHashMap<>();
    for (String k : keys) {
      m.put(k, noted.get(k));
    }
    noted.asMap().forEach(m::putIfAbsent);
    return Config.copyOf(m);
  }

  @Override
  public final Object serialized() {
    return type.envelope(getConfig());
  }

  @Override
  public final void afterRestore(Config envelope) {
    args.finish();
  }

  @Override
  public final String toString() {
    return type.className() + getConfig();
  }
}
