package io.weft.serialization.legacy;

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
  private WeightConversion() {}

  /** The arrays of a layer, in the order trainable, then others. */
  static List<StoredArray> convert(Layer layer, List<StoredArray> w, int generation) {
    if (generation >= 3 || w.isEmpty()) {
      return w;
    }
    switch (layer.type().className()) {
      case "Bidirectional":
        return bidirectional(layer, w, generation);
      case "TimeDistributed":
        return layer.children().get("layer") instanceof Layer inner
            ? convert(inner, w, generation)
            : w;
      case "Functional":
      case "Sequential":
        return nested(layer, w, generation);
      case "Conv1D":
        return generation < 2 ? conv1d(layer, w) : conv(layer, w);
      case "Conv2D":
      case "Conv3D":
      case "Conv2DTranspose":
        return conv(layer, w);
      case "LSTM":
      case "ConvLSTM2D":
        return lstm(layer, w);
      case "GRU":
        return gru(layer, w);
      default:
        return w;
    }
  }

  private static List<StoredArray> bidirectional(Layer layer, List<StoredArray> w, int generation) {
    if (!(layer.children().get("forward_layer") instanceof Layer forward)
        || !(layer.children().get("backward_layer") instanceof Layer backward)
        || w.size() % 2 != 0) {
      return w;
    }
    int half = w.size() / 2;
    List<StoredArray> out = new ArrayList<>(convert(forward, w.subList(0, half), generation));
    out.addAll(convert(backward, w.subList(half, w.size()), generation));
    return out;
  }

  /** Trainable weights of all inner layers come first, then the others. */
  private static List<StoredArray> nested(Layer model, List<StoredArray> w, int generation) {
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
      List<StoredArray> made = convert(l, own, generation);
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
  private static List<StoredArray> conv1d(Layer layer, List<StoredArray> w) {
    StoredArray k = w.get(0);
    Shape want = shape(layer, 0);
    if (k.shape().rank() != 4 || want == null) {
      return w;
    }
    if (k.shape().dim(0) != want.dim(0) || k.shape().dim(1) != 1) {
      k = k.transposed(2, 3, 1, 0);
    }
    List<StoredArray> out = new ArrayList<>(w);
    out.set(0, k.reshaped(k.shape().dim(0), k.shape().dim(2), k.shape().dim(3)));
    return out;
  }

  /** A kernel of another shape has the axes of Theano: (out, in, rows, columns). */
  private static List<StoredArray> conv(Layer layer, List<StoredArray> w) {
    StoredArray k = w.get(0);
    Shape want = shape(layer, 0);
    if (want == null || k.shape().equals(want) || k.shape().rank() != want.rank()) {
      return w;
    }
    int[][] orders = {{3, 2, 0, 1}, {2, 3, 1, 0}, {0, 1, 3, 2}, {2, 3, 0, 1}};
    if (k.shape().rank() == 5) {
      orders = new int[][] {{2, 3, 4, 1, 0}};
    }
    for (int[] order : orders) {
      if (k.shape().rank() == order.length && k.transposed(order).shape().equals(want)) {
        List<StoredArray> out = new ArrayList<>(w);
        out.set(0, k.transposed(order));
        return out;
      }
    }
    return w;
  }

  /** Keras 1 has the gates i, c, f, o one by one; CuDNN has two biases and other matrices. */
  private static List<StoredArray> lstm(Layer layer, List<StoredArray> w) {
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
    return conv(layer, w);
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
