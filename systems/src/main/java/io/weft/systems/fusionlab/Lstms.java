package io.weft.systems.fusionlab;

import io.weft.config.Args;
import io.weft.config.Config;
import io.weft.layer.CallArgs;
import io.weft.layer.DTypePolicy;
import io.weft.layer.Layer;
import io.weft.layers.rnn.LSTM;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Stacks of LSTMs as temporal fusion transformers have them. */
final class Lstms {
  private Lstms() {}

  /**
   * Reads {@code lstm_units}: null for {@code hidden}, a number for all, or one for each layer.
   * With {@code fewer} a number is that of the first layer, and layers without one get {@code
   * hidden}.
   */
  static int[] units(Args args, int layers, int hidden, boolean fewer) {
    Object v = args.any("lstm_units", null);
    int[] out = new int[layers];
    Arrays.fill(out, hidden);
    if (v == null) {
      return out;
    }
    List<?> given = v instanceof List<?> l ? l : Collections.nCopies(fewer ? 1 : layers, v);
    boolean fits = given.size() == layers || fewer && given.size() < layers;
    for (int i = 0; fits && i < given.size(); i++) {
      fits = given.get(i) instanceof Long n && n > 0 && n == n.intValue();
      out[i] = fits ? ((Long) given.get(i)).intValue() : 0;
    }
    if (!fits) {
      throw args.refuse(
          "lstm_units", "null, a positive integer or one for each of " + layers + " layers");
    }
    return out;
  }

  /** LSTMs that give all outputs; with {@code states} the last states too. */
  static List<LSTM> stack(
      int[] units, double dropout, double recurrentDropout, boolean states, DTypePolicy policy) {
    List<LSTM> out = new ArrayList<>();
    for (int u : units) {
      out.add(
          Layer.fromConfig(
              LSTM.TYPE,
              Config.of(
                  "units",
                  u,
                  "return_sequences",
                  true,
                  "return_state",
                  states,
                  "dropout",
                  dropout,
                  "recurrent_dropout",
                  recurrentDropout,
                  "dtype",
                  policy)));
    }
    return out;
  }

  /** All layers after one another; the first starts from the states, if there are any. */
  static Tensor run(List<LSTM> layers, Tensor x, List<Tensor> states) {
    Tensor y = x;
    for (int i = 0; i < layers.size(); i++) {
      CallArgs a =
          i == 0 && !states.isEmpty() ? CallArgs.of("initial_state", states) : CallArgs.NONE;
      y = layers.get(i).apply(List.of(y), a);
    }
    return y;
  }
}
