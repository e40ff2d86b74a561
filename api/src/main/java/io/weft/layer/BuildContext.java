package io.weft.layer;

import io.weft.error.ShapeException;
import io.weft.random.SeedGenerator;
import io.weft.tensor.DType;
import io.weft.tensor.Shape;
import io.weft.tensor.TensorSpec;
import io.weft.tensor.Variable;
import java.util.List;

/** The only place where weights are made: handed to {@link Layer#build} once. */
public final class BuildContext {
  private final Layer layer;
  private final List<Shape> inputs;

  BuildContext(Layer layer, List<Shape> inputs) {
    this.layer = layer;
    this.inputs = inputs;
  }

  /** Shape of the first input; unknown sizes are −1. */
  public Shape input() {
    return input(0);
  }

  public Shape input(int i) {
    if (i >= inputs.size()) {
      throw new ShapeException(
          layer.label() + ": expected at least " + (i + 1) + " inputs. Received: " + inputs.size());
    }
    return inputs.get(i);
  }

  /** The dtypes of the layer. */
  public DTypePolicy policy() {
    return layer.policy();
  }

  public List<Shape> inputs() {
    return inputs;
  }

  /** A size that must be known to make weights. */
  public int known(int input, int axis) {
    Shape s = input(input);
    if (s.rank() == 0 || s.dim(axis) < 0) {
      throw new ShapeException(
          layer.label()
              + ": axis "
              + axis
              + " of input "
              + input
              + " must have a known size to build the layer. Received: shape "
              + s);
    }
    return s.dim(axis);
  }

  /** A trainable weight in the policy's variable dtype. */
  public Variable addWeight(String name, Shape shape, Initializer initializer) {
    return addWeight(name, shape, initializer, null, null, true);
  }

  /** A trainable weight with a regularizer and a constraint (each may be null). */
  public Variable addWeight(
      String name,
      Shape shape,
      Initializer initializer,
      Regularizer regularizer,
      Constraint constraint) {
    return addWeight(name, shape, initializer, regularizer, constraint, true);
  }

  /** A weight; {@code trainable} false puts it behind the trainable ones in files. */
  public Variable addWeight(
      String name,
      Shape shape,
      Initializer initializer,
      Regularizer regularizer,
      Constraint constraint,
      boolean trainable) {
    Variable v = addVariable(name, shape, layer.policy().variable(), trainable, true, initializer);
    v.setRegularizer(regularizer);
    v.setConstraint(constraint);
    return v;
  }

  /**
   * {@link #addWeight(String, Shape, Initializer)} under its first name in Keras.
   *
   * @deprecated call {@code addWeight}
   */
  @Deprecated
  public Variable addVariable(String name, Shape shape, Initializer initializer) {
    return addWeight(name, shape, initializer);
  }

  /** A weight with every choice made: dtype, and whether reads are cast to the compute dtype. */
  public Variable addVariable(
      String name,
      Shape shape,
      DType dtype,
      boolean trainable,
      boolean autocast,
      Initializer initializer) {
    if (!shape.isKnown()) {
      throw new ShapeException(
          layer.label() + ": weight '" + name + "' needs known sizes. Received: " + shape);
    }
    Variable v =
        new Variable(
            name,
            new TensorSpec(shape, dtype),
            trainable,
            autocast,
            () -> initializer.create(shape, dtype));
    layer.addOwn(v, trainable);
    return v;
  }

  /** State that is neither a weight nor part of files, such as the carried state of an RNN. */
  public Variable addState(String name, Shape shape, DType dtype) {
    Variable v =
        new Variable(
            name,
            new TensorSpec(shape, dtype),
            false,
            true,
            () -> io.weft.tensor.Ops.zeros(shape, dtype));
    layer.addState(v);
    return v;
  }

  /** A generator of random keys with a state of its own. */
  public SeedGenerator addSeed(Integer seed) {
    SeedGenerator g = new SeedGenerator(seed == null ? null : (long) seed);
    layer.addState(g.state());
    return g;
  }

  /** Makes a weight of an inner layer also an own one: it then stands first and is saved twice. */
  public void share(Variable weight) {
    layer.share(weight);
  }

  /** Builds an inner layer for known inputs, so that its weights exist after this build. */
  public void build(Layer child, Shape... inputShapes) {
    child.build(inputShapes);
  }
}
