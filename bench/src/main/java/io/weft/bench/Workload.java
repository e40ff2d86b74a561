package io.weft.bench;

import io.weft.compile.CompiledFunction;
import io.weft.config.Config;
import io.weft.fused.Attention;
import io.weft.layer.CallArgs;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.convolutional.Conv2D;
import io.weft.layers.convolutional.DepthwiseConv2D;
import io.weft.layers.normalization.LayerNormalization;
import io.weft.layers.rnn.LSTM;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/** The operations that carry models, each as one captured function of fixed inputs. */
public enum Workload {
  MATMUL_256(product(256), x -> List.of(x.get(0).matmul(x.get(1))), shape(256), shape(256)),
  MATMUL_512(product(512), x -> List.of(x.get(0).matmul(x.get(1))), shape(512), shape(512)),
  MATMUL_1024(product(1024), x -> List.of(x.get(0).matmul(x.get(1))), shape(1024), shape(1024)),
  MATRIX_VECTOR(
      2.0 * 1024 * 1024, x -> List.of(x.get(0).matmul(x.get(1))), Shape.of(1, 1024), shape(1024)),
  CONV_3X3(
      2.0 * 56 * 56 * 64 * 64 * 9,
      layer(Conv2D.TYPE, "filters", 64, "kernel_size", 3, "padding", "same"),
      Shape.of(1, 56, 56, 64)),
  CONV_1X1(
      2.0 * 56 * 56 * 64 * 256,
      layer(Conv2D.TYPE, "filters", 256, "kernel_size", 1),
      Shape.of(1, 56, 56, 64)),
  DEPTHWISE_3X3(
      2.0 * 56 * 56 * 64 * 9,
      layer(DepthwiseConv2D.TYPE, "kernel_size", 3, "padding", "same"),
      Shape.of(1, 56, 56, 64)),
  SOFTMAX(0, x -> List.of(Ops.softmax(x.get(0), -1)), shape(1024)),
  LAYER_NORM(0, layer(LayerNormalization.TYPE), shape(1024)),
  ATTENTION(
      4.0 * 8 * 512 * 512 * 64,
      x -> List.of(Attention.of(x.get(0), x.get(1), x.get(2), null, null, 0.125, false, -1e9)),
      Shape.of(1, 512, 8, 64),
      Shape.of(1, 512, 8, 64),
      Shape.of(1, 512, 8, 64)),
  LSTM_128(
      2.0 * 32 * 64 * (64 + 128) * 4 * 128,
      layer(LSTM.TYPE, "units", 128, "return_sequences", true),
      Shape.of(32, 64, 64));

  private final double flops;
  private final List<Tensor> inputs = new ArrayList<>();
  private final CompiledFunction function;

  Workload(double flops, Function<List<Tensor>, List<Tensor>> body, Shape... shapes) {
    this.flops = flops;
    SplittableRandom random = new SplittableRandom(ordinal());
    for (Shape s : shapes) {
      HostArray a = HostArray.zeros(DType.FLOAT32, s);
      for (int i = 0; i < s.intSize(); i++) {
        a.set(i, random.nextDouble() - 0.5);
      }
      inputs.add(Tensor.ofTrusted(a));
    }
    function = CompiledFunction.of(body);
  }

  private static double product(int n) {
    return 2.0 * n * n * n;
  }

  private static Shape shape(int n) {
    return Shape.of(n, n);
  }

  private static Function<List<Tensor>, List<Tensor>> layer(LayerType<?> type, Object... config) {
    Layer l = Layer.fromConfig(type, Config.of(config));
    return x -> l.applyAll(x, CallArgs.NONE);
  }

  /** Floating-point operations of one call; 0 where memory decides. */
  public double flops() {
    return flops;
  }

  /** One call. */
  public Tensor call() {
    return function.run(inputs).get(0);
  }
}
