package io.weft.training;

import io.weft.error.ConfigException;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** Sample weights from weights of classes. */
public final class ClassWeights {
  private ClassWeights() {}

  /** A weight for each row of the only target: of its class index, or of the largest of a row. */
  public static Tensor of(Map<Integer, Double> weights, List<Tensor> y, List<Tensor> given) {
    if (y.size() != 1) {
      throw new ConfigException(
          "fit: class weights are for models with one output. Received: " + y.size() + " outputs");
    }
    if (given.get(0) != null) {
      throw new ConfigException("fit: give either class weights or sample weights, not both");
    }
    Tensor t = y.get(0);
    Tensor classes = t.rank() > 1 && t.dim(-1) != 1 ? Ops.argmax(t, -1, false) : t;
    HostArray labels = classes.toHostArray();
    float[] w = new float[labels.size()];
    for (int i = 0; i < w.length; i++) {
      int label = (int) Math.rint(labels.doubleAt(i));
      w[i] = weights.getOrDefault(label, 1.0).floatValue();
    }
    Shape s = classes.shape();
    if (s.rank() > 1 && s.dim(-1) == 1) {
      s = s.slice(0, s.rank() - 1);
    }
    return Tensor.ofTrusted(new HostArray(DType.FLOAT32, s, w));
  }
}
