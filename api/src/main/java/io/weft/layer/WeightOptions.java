package io.weft.layer;

import io.weft.config.Args;
import io.weft.tensor.Shape;
import io.weft.tensor.Variable;
import java.util.HashMap;
import java.util.Map;

/**
 * The arguments {@code *_initializer}, {@code *_regularizer} and {@code *_constraint} of a layer,
 * read in the order in which the class writes them:
 *
 * <pre>{@code
 * options = weightOptions()
 *     .initializer("kernel", "glorot_uniform").initializer("bias", "zeros")
 *     .regularizers("kernel", "bias").activity().constraints("kernel", "bias");
 * kernel = options.add(b, "kernel", shape);
 * }</pre>
 */
public final class WeightOptions {
  private final Args args;
  private final Runnable activity;
  private final Map<String, Initializer> initializers = new HashMap<>();
  private final Map<String, Regularizer> regularizers = new HashMap<>();
  private final Map<String, Constraint> constraints = new HashMap<>();

  WeightOptions(Args args, Runnable activity) {
    this.args = args;
    this.activity = activity;
  }

  /** Reads {@code <what>_initializer}. */
  public WeightOptions initializer(String what, String fallback) {
    initializers.put(what, args.object(what + "_initializer", Initializer.class, fallback));
    return this;
  }

  /** Reads {@code <what>_regularizer} for each. */
  public WeightOptions regularizers(String... what) {
    for (String w : what) {
      regularizers.put(w, args.objectOrNull(w + "_regularizer", Regularizer.class, null));
    }
    return this;
  }

  /** Reads {@code <what>_constraint} for each. */
  public WeightOptions constraints(String... what) {
    for (String w : what) {
      constraints.put(w, args.objectOrNull(w + "_constraint", Constraint.class, null));
    }
    return this;
  }

  /** The place where the class writes {@code activity_regularizer} even if it is null. */
  public WeightOptions activity() {
    activity.run();
    return this;
  }

  public Initializer initializer(String what) {
    return initializers.get(what);
  }

  public Regularizer regularizer(String what) {
    return regularizers.get(what);
  }

  public Constraint constraint(String what) {
    return constraints.get(what);
  }

  /** Makes the trainable weight whose options have its own name. */
  public Variable add(BuildContext b, String name, Shape shape) {
    return add(b, name, shape, name);
  }

  /** Makes a trainable weight with the options of {@code what}. */
  public Variable add(BuildContext b, String name, Shape shape, String what) {
    return b.addWeight(name, shape, initializer(what), regularizer(what), constraint(what), true);
  }

  /** Makes a weight that is read in its own dtype also where the layer computes in half types. */
  public Variable addUncast(BuildContext b, String name, Shape shape, boolean trainable) {
    Variable v =
        b.addVariable(name, shape, b.policy().variable(), trainable, false, initializer(name));
    v.setRegularizer(regularizer(name));
    v.setConstraint(constraint(name));
    return v;
  }
}
