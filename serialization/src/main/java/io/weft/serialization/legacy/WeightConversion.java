package io.weft.serialization.legacy;

import io.weft.config.Config;
import io.weft.layer.Layer;
import io.weft.tensor.Shape;
import io.weft.tensor.Variable;
import java.util.ArrayList;
import java.util.List;

/**
 * Weights of older layouts as those that a layer of Keras 3 has (keras-formats.md 5.8): gates that
 * Keras 1 keeps apart, kernels of CuDNN layers, kernels with the axes of Theano.
 */
final class WeightConversion {
  /**
   * Who wrote the weights.
   *
   * @param generation the major version of Keras
   * @param flips true where kernels are those of convolutions, as Theano has them, not correlations
   */
  record Origin(int generation, boolean flips) {}

  private WeightConversion() {}

  /** The arrays of a layer, in the order trainable, then others. */
  static List<StoredArray> convert(Layer layer, List<StoredArray> w, Origin origin) {
    if (origin.generation() >= 3 || w.isEmpty()) {
      return w;
    }
    switch (layer.type().className()) {
      case "Bidirectional":
        return bidirectional(layer, w, origin);
      case "TimeDistributed":
        return layer.children().get("layer") instanceof Layer inner ? convert(inner, w, origin) : w;
      case "Functional":
      case "Sequential":
        return nested(layer, w, origin);
      case "Conv1D":
        return origin.generation() < 2 ? conv1d(layer, w, origin) : conv(layer, w, origin);
      case "Conv2D":
      case "Conv3D":
      case "Conv2DTranspose":
        return conv(layer, w, origin);
      case "LSTM":
      case "ConvLSTM2D":
        return lstm(layer, w, origin);
      case "GRU":
        return gru(layer, w);
      default:
        return w;
    }
  }

  private static List<StoredArray> bidirectional(Layer layer, List<StoredArray> w, Origin origin) {
    if (!(layer.children().get("forward_layer") instanceof Layer forward)
        || !(layer.children().get("backward_layer") instanceof Layer backward)
        || w.size() % 2 != 0) {
      return w;
    }
    int half = w.size() / 2;
    List<StoredArray> out = new ArrayList<>(convert(forward, w.subList(0, half), origin));
    out.addAll(convert(backward, w.subList(half, w.size()), origin));
    return out;
  }

  /** Trainable weights of all inner layers come first, then the others. */
  private static List<StoredArray> nested(Layer model, List<StoredArray> w, Origin origin) {
    if (!(model.children().get("layers") instanceof List<?> layers)
        || w.size() != model.weights().size()) {
      return w;
    }
    List<StoredArray> trainable = new ArrayList<>();
    List<StoredArray> others = new ArrayList<>();
    int t = 0;
    int o = model.trainableWeights().size();
    for (Object child : layers) {
      Layer l = (Layer) child;
      int nt = l.trainableWeights().size();
      int no = l.nonTrainableWeights().size();
      List<StoredArray> own = new ArrayList<>(w.subList(t, t + nt));
      own.addAll(w.subList(o, o + no));
      List<StoredArray> made = convert(l, own, origin);
      trainable.addAll(made.subList(0, nt));
      others.addAll(made.subList(nt, made.size()));
      t += nt;
      o += no;
    }
    trainable.addAll(others);
    return trainable.size() == w.size() ? trainable : w;
  }

  private static Shape shape(Layer layer, int i) {
    List<Variable> all = layer.weights();
    return i < all.size() ? all.get(i).shape() : null;
  }

  /** Keras 1: (length, 1, in, out), or (out, in, length, 1) as Theano had it. */
  private static List<StoredArray> conv1d(Layer layer, List<StoredArray> w, Origin origin) {
    StoredArray k = w.get(0);
    Shape want = shape(layer, 0);
    if (k.shape().rank() != 4 || want == null) {
      return w;
    }
    if (k.shape().dim(0) != want.dim(0) || k.shape().dim(1) != 1) {
      k = k.transposed(2, 3, 1, 0);
    }
    List<StoredArray> out = new ArrayList<>(w);
    StoredArray made = k.reshaped(k.shape().dim(0), k.shape().dim(2), k.shape().dim(3));
    out.set(0, origin.flips() ? made.flipped(1) : made);
    return out;
  }

  /** Kernels in the axes and the direction that TensorFlow has. */
  private static List<StoredArray> conv(Layer layer, List<StoredArray> w, Origin origin) {
    Shape want = shape(layer, 0);
    int[] order = order(layer, w.get(0), want, origin);
    if (order == null && !origin.flips() || want == null) {
      return w;
    }
    List<StoredArray> out = new ArrayList<>(w);
    int kernels = layer.type().className().equals("ConvLSTM2D") ? 2 : 1;
    for (int i = 0; i < kernels && i < w.size(); i++) {
      StoredArray k = w.get(i);
      k = order == null ? k : k.transposed(order);
      out.set(i, origin.flips() ? k.flipped(want.rank() - 2) : k);
    }
    return out;
  }

  /** The order of axes that makes a kernel ours, or null where it is already. */
  private static int[] order(Layer layer, StoredArray k, Shape want, Origin origin) {
    if (want == null || k.shape().rank() != want.rank()) {
      return null;
    }
    Config c = layer.getConfig();
    boolean first = "channels_first".equals(c.get("data_format"));
    String cls = layer.type().className();
    if (origin.generation() < 2) {
      // by the config, not the shape: equal sizes must not hide other axes
      if (cls.equals("Conv2DTranspose")) {
        return first ? new int[] {2, 3, 0, 1} : new int[] {0, 1, 3, 2};
      }
      if (first && k.shape().rank() == 4) {
        return new int[] {2, 3, 1, 0};
      }
      return first && k.shape().rank() == 5 ? new int[] {2, 3, 4, 1, 0} : null;
    }
    int[] theano = {3, 2, 0, 1};
    boolean fits =
        !k.shape().equals(want)
            && k.shape().rank() == 4
            && k.transposed(theano).shape().equals(want);
    return fits ? theano : null;
  }

  /** Keras 1 has the gates i, c, f, o one by one; CuDNN has two biases and other matrices. */
  private static List<StoredArray> lstm(Layer layer, List<StoredArray> w, Origin origin) {
    if (w.size() == 12) {
      List<StoredArray> out = new ArrayList<>();
      for (int k = 0; k < 3; k++) {
        out.add(StoredArray.joined(List.of(w.get(k), w.get(6 + k), w.get(3 + k), w.get(9 + k))));
      }
      return out;
    }
    int units = w.size() == 3 ? w.get(1).shape().dim(0) : 0;
    if (layer.type().className().equals("LSTM") && units > 0 && w.get(2).hasShape(8 * units)) {
      StoredArray b = w.get(2);
      return List.of(
          cudnnInput(w.get(0), units, 4),
          cudnnRecurrent(w.get(1), units, 4),
          b.columns(0, 4 * units).plus(b.columns(4 * units, 8 * units)));
    }
    return layer.type().className().equals("LSTM") ? w : conv(layer, w, origin);
  }

  /** Keras 1 has the gates z, r, h one by one. */
  private static List<StoredArray> gru(Layer layer, List<StoredArray> w) {
    if (w.size() == 9) {
      List<StoredArray> out = new ArrayList<>();
      for (int k = 0; k < 3; k++) {
        out.add(StoredArray.joined(List.of(w.get(k), w.get(3 + k), w.get(6 + k))));
      }
      return out;
    }
    int units = w.size() == 3 ? w.get(1).shape().dim(0) : 0;
    Shape bias = shape(layer, 2);
    boolean afterReset = bias != null && bias.rank() == 2;
    if (units > 0 && w.get(2).hasShape(6 * units) && afterReset) {
      return List.of(
          cudnnInput(w.get(0), units, 3),
          cudnnRecurrent(w.get(1), units, 3),
          w.get(2).reshaped(2, 3 * units));
    }
    return w;
  }

  /** Per gate the buffer of the kernel is filled into (in, units) column by column. */
  private static StoredArray cudnnInput(StoredArray k, int units, int gates) {
    int in = k.shape().dim(0);
    List<StoredArray> parts = new ArrayList<>();
    for (int g = 0; g < gates; g++) {
      StoredArray gate = k.columns(g * units, (g + 1) * units);
      parts.add(gate.reshaped(units, in).transposed(1, 0));
    }
    return StoredArray.joined(parts);
  }

  private static StoredArray cudnnRecurrent(StoredArray k, int units, int gates) {
    List<StoredArray> parts = new ArrayList<>();
    for (int g = 0; g < gates; g++) {
      parts.add(k.columns(g * units, (g + 1) * units).transposed(1, 0));
    }
    return StoredArray.joined(parts);
  }
}
