package io.weft.systems.fusionlab;

import io.weft.config.Args;
import io.weft.config.Config;
import io.weft.error.ShapeException;
import io.weft.layer.DTypePolicy;
import io.weft.layer.Layer;
import io.weft.layers.attention.MultiHeadAttention;
import io.weft.layers.core.Dense;
import io.weft.layers.normalization.LayerNormalization;
import io.weft.layers.regularization.Dropout;
import io.weft.layers.rnn.LSTM;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** The inner layers that fusionlab's classes are made of, and the checks that they share. */
final class Parts {
  private static final List<String> ACTIVATIONS =
      List.of("elu", "relu", "tanh", "sigmoid", "linear", "gelu", "selu");

  private Parts() {}

  /** A projection with bias; {@code activation} null for none. */
  static Dense dense(int units, String activation, DTypePolicy policy) {
    return Layer.fromConfig(
        Dense.TYPE, Config.of("units", units, "activation", activation, "dtype", policy));
  }

  /** A named projection with bias and an activation by name or object, null for none. */
  static Dense dense(String name, int units, Object activation, DTypePolicy policy) {
    return Layer.fromConfig(
        Dense.TYPE,
        Config.of("name", name, "units", units, "activation", activation, "dtype", policy));
  }

  /** A projection without bias. */
  static Dense linear(int units, DTypePolicy policy) {
    return Layer.fromConfig(
        Dense.TYPE, Config.of("units", units, "use_bias", false, "dtype", policy));
  }

  static Dropout dropout(double rate, DTypePolicy policy) {
    return Layer.fromConfig(Dropout.TYPE, Config.of("rate", rate, "dtype", policy));
  }

  static LayerNormalization norm(DTypePolicy policy) {
    return Layer.fromConfig(LayerNormalization.TYPE, Config.of("dtype", policy));
  }

  static LayerNormalization norm(double epsilon, DTypePolicy policy) {
    return Layer.fromConfig(
        LayerNormalization.TYPE, Config.of("epsilon", epsilon, "dtype", policy));
  }

  /** Attention whose heads are {@code width} wide each. */
  static MultiHeadAttention attention(int heads, int width, double dropout, DTypePolicy policy) {
    return Layer.fromConfig(
        MultiHeadAttention.TYPE,
        Config.of("num_heads", heads, "key_dim", width, "dropout", dropout, "dtype", policy));
  }

  static LSTM lstm(int units, boolean sequences, DTypePolicy policy) {
    return Layer.fromConfig(
        LSTM.TYPE, Config.of("units", units, "return_sequences", sequences, "dtype", policy));
  }

  static GatedResidualNetwork grn(
      int units, double dropout, String activation, boolean batchNorm, DTypePolicy policy) {
    return Layer.fromConfig(
        GatedResidualNetwork.TYPE,
        Config.of(
            "units",
            units,
            "dropout_rate",
            dropout,
            "activation",
            activation,
            "use_batch_norm",
            batchNorm,
            "dtype",
            policy));
  }

  /** Reads the name of an activation that fusionlab takes; null for none. */
  static String activation(Args args, String key, String fallback) {
    Object v = args.any(key, fallback);
    if (v == null || v instanceof String s && ACTIVATIONS.contains(s)) {
      return (String) v;
    }
    throw args.refuse(key, "one of " + ACTIVATIONS + " or null");
  }

  /** Reads a key that configs hold only where it differs from the default. */
  static boolean option(Args args, String key, boolean fallback) {
    boolean v = args.bool(key, fallback);
    if (v == fallback) {
      args.forget(key);
    }
    return v;
  }

  /** Reads a key that configs hold only where it differs from the default, the first choice. */
  static String choice(Args args, String key, String... choices) {
    String v = args.oneOf(key, choices[0], choices);
    if (v.equals(choices[0])) {
      args.forget(key);
    }
    return v;
  }

  /** Reads one of a few strings, or null. */
  static String oneOfOrNull(Args args, String key, String fallback, String... choices) {
    return args.any(key, fallback) == null ? null : args.oneOf(key, fallback, choices);
  }

  /** Reads strides of the time axis: a list, or {@code "auto"} or null for the stride 1. */
  static int[] scales(Args args, String key) {
    Object v = args.any(key, null);
    List<?> l =
        v == null || v.equals("auto") ? List.of(1L) : v instanceof List<?> list ? list : List.of();
    int[] out = new int[l.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = l.get(i) instanceof Long n && n > 0 && n == n.intValue() ? n.intValue() : 0;
    }
    if (out.length == 0 || java.util.Arrays.stream(out).anyMatch(i -> i == 0)) {
      throw args.refuse(key, "positive integers, \"auto\" or null");
    }
    args.note(key, out);
    return out;
  }

  /** {@code (batch, features)} at each of {@code steps} steps. */
  static Tensor overTime(Tensor x, int steps) {
    return Ops.broadcastTo(Ops.expandDims(x, 1), Shape.of(x.dim(0), steps, x.dim(1)));
  }

  /** The tensors side by side on the last axis. */
  static Tensor join(Tensor... xs) {
    return Ops.concatenate(List.of(xs), -1);
  }

  /** The inputs that are there, in order. */
  static List<Tensor> given(List<Tensor> inputs) {
    List<Tensor> out = new ArrayList<>(inputs);
    while (!out.isEmpty() && out.get(out.size() - 1) == null) {
      out.remove(out.size() - 1);
    }
    return out;
  }

  /** The tensors that are not null. */
  static List<Tensor> present(Tensor... xs) {
    List<Tensor> out = new ArrayList<>();
    for (Tensor x : xs) {
      if (x != null) {
        out.add(x);
      }
    }
    return out;
  }

  /** Refuses inputs of different batch sizes. */
  static void sameBatch(String who, Tensor a, String nameA, Tensor b, String nameB) {
    if (a.dim(0) != b.dim(0)) {
      throw new ShapeException(
          who
              + ": expected "
              + nameA
              + " and "
              + nameB
              + " of one batch size. Received: shapes "
              + a.shape()
              + " and "
              + b.shape());
    }
  }
}
