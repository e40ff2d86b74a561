package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.config.Parameters;
import io.weft.error.ShapeException;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.InputSpec;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layer.UnaryLayer;
import io.weft.systems.core.Sinusoid;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;

/**
 * Adds the position of each step as sines and cosines (Vaswani et al. 2017, 3.5), as fusionlab's
 * layer of this name: {@code y[t, 2i] = x[t, 2i] + sin(t·10000^(−2i/F))}, cosines at odd features.
 *
 * <p>Input: {@code (batch, T, F)}, T at most {@code max_length}. Output: the same shape. The mask
 * goes on. Weights: the table {@code positional_encoding (1, max_length, F)}, not trainable; none
 * with {@code layout="fusionlab-0.3"}. With {@code layout="fusionlab-0.2"}, as in the releases 0.1
 * and 0.2, the layer is {@link LinearPositionalEncoding}.
 *
 * @see TSPositionalEncoding
 */
public final class PositionalEncoding extends UnaryLayer {
  public static final LayerType<PositionalEncoding> TYPE =
      LayerType.custom(FusionlabTypes.COMPONENTS, "PositionalEncoding", PositionalEncoding::new)
          .args("training");

  private final int maxLength;
  private final Release release;
  private Variable table;

  /** An encoding of up to 2048 positions. */
  public PositionalEncoding() {
    this(Config.EMPTY);
  }

  /** Restores a layer from its config. */
  public PositionalEncoding(Config config) {
    super(TYPE, config);
    maxLength = args.positiveInt("max_length", 2048);
    release = Release.of(args);
    if (release == Release.V02) {
      InheritedConstructor.KERAS_2.read(args);
    }
    setInputSpec(InputSpec.rank(3));
    setSupportsMasking(true);
  }

  @Override
  public Config getConfig() {
    return release.noted(super.getConfig());
  }

  /** The class of the releases 0.1 and 0.2 has no constructor. */
  @Override
  public Parameters parameters() {
    return release == Release.V02 ? InheritedConstructor.KERAS_2.of(this) : super.parameters();
  }

  @Override
  protected void build(BuildContext b) {
    if (release == Release.V05) {
      Shape shape = Shape.of(1, maxLength, b.known(0, -1));
      table = b.addWeight("positional_encoding", shape, Sinusoid.TABLE, null, null, false);
    }
  }

  /** Files of the release 0.3 have no table. */
  @Override
  public boolean canDoWithoutState() {
    return true;
  }

  @Override
  public Tensor call(Tensor x, CallContext ctx) {
    if (release == Release.V02) {
      return LinearPositionalEncoding.encode(x);
    }
    int steps = x.dim(1);
    check(label(), steps, maxLength, "max_length");
    Tensor rows =
        table == null
            ? Sinusoid.table(0, steps, x.dim(2), x.dtype())
            : Ops.slice(
                table.value(), new int[] {0, 0, 0}, new int[] {1, steps, table.shape().dim(2)});
    return x.plus(rows);
  }

  static void check(String who, int steps, int max, String key) {
    if (steps > max) {
      throw new ShapeException(
          who + ": expected at most " + max + " steps (" + key + "). Received: " + steps);
    }
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Optional settings of {@link PositionalEncoding}. */
  public static final class Builder extends Layer.Builder<PositionalEncoding, Builder> {
    private Builder() {}

    /** The most steps that an input may have; default 2048. */
    public Builder maxLength(int steps) {
      return set("max_length", steps);
    }

    @Override
    public PositionalEncoding build() {
      return fromConfig(TYPE, config());
    }
  }
}
